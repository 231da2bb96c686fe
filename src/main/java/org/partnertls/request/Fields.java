package org.partnertls.request;

import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.Texts;
import org.partnertls.partner.DomainRules;

import org.springframework.validation.BindingResult;

/**
 * Reads what was typed into the fields that the forms of this package share, and says
 * beside each field what is wrong.
 */
final class Fields {

	static final int LINE = 120;

	static final int TEXT = 1000;

	private final BindingResult errors;

	Fields(BindingResult errors) {
		this.errors = errors;
	}

	void line(String field, @Nullable String typed, String missing) {
		Texts.line(typed, LINE, missing).ifPresent((message) -> wrong(field, message));
	}

	void text(String field, @Nullable String typed, String missing) {
		Texts.lines(typed, TEXT, missing).ifPresent((message) -> wrong(field, message));
	}

	/** A mail domain that could be an organisation's own. */
	Optional<DomainName> domain(String field, @Nullable String typed) {
		try {
			DomainName domain = DomainName.of((typed != null) ? typed : "");
			List<String> refusals = DomainRules.refusalsOfTheName(domain);
			refusals.forEach((message) -> wrong(field, message));
			return refusals.isEmpty() ? Optional.of(domain) : Optional.empty();
		}
		catch (IllegalArgumentException ex) {
			wrong(field, String.valueOf(ex.getMessage()));
			return Optional.empty();
		}
	}

	Optional<EmailAddress> address(String field, @Nullable String typed) {
		try {
			return Optional.of(EmailAddress.of((typed != null) ? typed : ""));
		}
		catch (IllegalArgumentException ex) {
			wrong(field, String.valueOf(ex.getMessage()));
			return Optional.empty();
		}
	}

	/** An address in the domain itself: whoever runs a name below it may be another. */
	Optional<EmailAddress> addressIn(Optional<DomainName> domain, String field, @Nullable String typed) {
		Optional<EmailAddress> address = address(field, typed);
		if (domain.isPresent() && address.isPresent() && !address.get().domain().equals(domain.get())) {
			wrong(field, "Enter an address in the domain " + domain.get().display() + ".");
			return Optional.empty();
		}
		return address;
	}

	/** An address of one of our own. */
	Optional<EmailAddress> ourAddress(List<DomainName> ours, String field, @Nullable String typed) {
		Optional<EmailAddress> address = address(field, typed);
		if (address.isPresent() && ours.stream()
			.noneMatch((our) -> address.get().domain().equals(our) || address.get().domain().isBelow(our))) {
			wrong(field, "Enter an address in one of our own mail domains, for example name@" + ours.getFirst() + ".");
			return Optional.empty();
		}
		return address;
	}

	void wrong(String field, String message) {
		this.errors.rejectValue(field, field, message);
	}

	boolean areRight() {
		return !this.errors.hasErrors();
	}

	static String strip(@Nullable String typed) {
		return (typed != null) ? typed.strip() : "";
	}

}
