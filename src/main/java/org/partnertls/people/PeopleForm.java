package org.partnertls.people;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.Texts;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.NewContact;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Problem;

import org.springframework.validation.BindingResult;

/**
 * Somebody as described on a form.
 *
 * @param reason why; not every page asks
 */
record PeopleForm(@Nullable String name, @Nullable String address, @Nullable String phone, @Nullable String role,
		@Nullable String reason) {

	static final PeopleForm BLANK = new PeopleForm(null, null, null, null, null);

	static PeopleForm of(Partner.Person person) {
		return new PeopleForm(person.name(), person.address().toString(), person.phone(), person.role().name(), null);
	}

	/** Reads it; what is wrong stands beside the fields then. */
	Optional<NewContact> read(BindingResult errors) {
		ContactRole wanted = Arrays.stream(ContactRole.values())
			.filter((each) -> each.name().equals(this.role))
			.findFirst()
			.orElse(null);
		if (wanted == null) {
			errors.rejectValue("role", "role", "Choose what they are there for.");
		}
		return read(wanted, errors);
	}

	/** Reads it for a given role. */
	Optional<NewContact> read(@Nullable ContactRole wanted, BindingResult errors) {
		Texts.line(this.name, 120, "Enter the person's name.")
			.ifPresent((message) -> errors.rejectValue("name", "name", message));
		if (this.phone != null && !this.phone.isBlank()) {
			Texts.line(this.phone, 40, "").ifPresent((message) -> errors.rejectValue("phone", "phone", message));
		}
		EmailAddress read = address("address", this.address, errors);
		return (wanted == null || read == null || errors.hasErrors()) ? Optional.empty()
				: Optional.of(new NewContact(String.valueOf(this.name), read, this.phone, wanted));
	}

	/** The reason, where one must be given. */
	String requireReason(BindingResult errors) {
		Texts.lines(this.reason, 1000, "Say why.")
			.ifPresent((message) -> errors.rejectValue("reason", "reason", message));
		return (this.reason != null) ? this.reason.strip() : "";
	}

	static @Nullable EmailAddress address(String field, @Nullable String typed, BindingResult errors) {
		try {
			return EmailAddress.of((typed != null) ? typed : "");
		}
		catch (IllegalArgumentException ex) {
			errors.rejectValue(field, field, String.valueOf(ex.getMessage()));
			return null;
		}
	}

	static void reject(List<Problem> problems, BindingResult errors) {
		problems.forEach((problem) -> errors.rejectValue(problem.field(), "refused", problem.message()));
	}

}
