package org.partnertls.connector;

import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;

import org.springframework.validation.BindingResult;

/**
 * What an administrator typed about the connectors of a partner. Lists have one entry a
 * line; commas part entries too.
 *
 * @param version mark of what the form was made from
 */
record SettingsForm(@Nullable String version, @Nullable String level, @Nullable String tlsDomain,
		@Nullable List<String> subdomains, @Nullable String route, @Nullable String smartHosts, @Nullable String dane,
		@Nullable String mtaSts, @Nullable String restriction, @Nullable String certificate, @Nullable String addresses,
		@Nullable Boolean skipLastHop, @Nullable String skip, @Nullable String skipFor, @Nullable String recipients) {

	static final String MX = "mx";

	static final String HOSTS = "hosts";

	static final String NONE = "none";

	static final String CERTIFICATE = "certificate";

	static final String ADDRESSES = "addresses";

	private static final int LONGEST = 10_000;

	static SettingsForm of(Wanted wanted) {
		Wanted.Options options = wanted.options();
		return new SettingsForm(Json.hash(wanted), wanted.tlsLevel().name(), wanted.tlsDomain(),
				options.subdomainsOf().stream().map(DomainName::ascii).toList(),
				options.smartHosts().isEmpty() ? MX : HOSTS, String.join("\n", options.smartHosts()),
				options.dane().name(), options.mtaSts().name(), switch (wanted.restriction()) {
					case Wanted.Unrestricted unrestricted -> NONE;
					case Wanted.ByCertificate by -> CERTIFICATE;
					case Wanted.ByAddress by -> ADDRESSES;
				}, (wanted.restriction() instanceof Wanted.ByCertificate by) ? by.name() : null,
				(wanted.restriction() instanceof Wanted.ByAddress by) ? String.join("\n", by.ranges()) : null,
				options.filtering().skipLastHop(), String.join("\n", options.filtering().skip()),
				text(options.filtering().users()), text(wanted.validationRecipients()));
	}

	private static String text(List<EmailAddress> addresses) {
		return String.join("\n", addresses.stream().map(Object::toString).toList());
	}

	/** Whether it was made from what is wanted now. */
	boolean isFor(Wanted wanted) {
		return Json.hash(wanted).equals(this.version);
	}

	/**
	 * What is wanted now.
	 * @param before what was wanted until now: the domains, and who it is about
	 * @param errors gets what cannot be understood
	 * @return null: something cannot be understood
	 */
	@Nullable Wanted over(Wanted before, BindingResult errors) {
		TlsLevel chosen = choice(TlsLevel.class, this.level, "level", errors);
		Wanted.Dane chosenDane = choice(Wanted.Dane.class, this.dane, "dane", errors);
		Wanted.MtaSts chosenMtaSts = choice(Wanted.MtaSts.class, this.mtaSts, "mtaSts", errors);
		List<String> hosts = HOSTS.equals(this.route) ? lines(this.smartHosts, "smartHosts", errors) : List.of();
		if (HOSTS.equals(this.route) && hosts.isEmpty()) {
			errors.rejectValue("smartHosts", "none", "Name at least one smart host.");
		}
		List<EmailAddress> people = addresses(this.recipients, "recipients", errors);
		TreeSet<DomainName> below = new TreeSet<>();
		before.domains().stream().filter((domain) -> ticked().contains(domain.ascii())).forEach(below::add);
		Wanted.Restriction only = switch (String.valueOf(this.restriction)) {
			case CERTIFICATE -> new Wanted.ByCertificate(text(this.certificate));
			case ADDRESSES -> new Wanted.ByAddress(lines(this.addresses, "addresses", errors));
			default -> new Wanted.Unrestricted();
		};
		Wanted.Filtering filtering = new Wanted.Filtering(Boolean.TRUE.equals(this.skipLastHop),
				lines(this.skip, "skip", errors), addresses(this.skipFor, "skipFor", errors));
		if (errors.hasErrors() || chosen == null || chosenDane == null || chosenMtaSts == null) {
			return null;
		}
		return new Wanted(before.partnerId(), before.partnerName(), before.domains(), chosen,
				(chosen == TlsLevel.DOMAIN_VALIDATION && !text(this.tlsDomain).isEmpty()) ? text(this.tlsDomain) : null,
				people, only, before.reference(),
				new Wanted.Options(below, hosts, chosenDane, chosenMtaSts, filtering));
	}

	private List<String> ticked() {
		return (this.subdomains != null) ? this.subdomains : List.of();
	}

	private static List<EmailAddress> addresses(@Nullable String typed, String field, BindingResult errors) {
		return lines(typed, field, errors).stream()
			.map((line) -> address(line, field, errors))
			.filter(Objects::nonNull)
			.toList();
	}

	private static @Nullable EmailAddress address(String line, String field, BindingResult errors) {
		try {
			return EmailAddress.of(line);
		}
		catch (IllegalArgumentException ex) {
			errors.rejectValue(field, "address", "\"" + line + "\" is no e-mail address.");
			return null;
		}
	}

	private static <E extends Enum<E>> @Nullable E choice(Class<E> type, @Nullable String value, String field,
			BindingResult errors) {
		for (E candidate : type.getEnumConstants()) {
			if (candidate.name().equals(value)) {
				return candidate;
			}
		}
		errors.rejectValue(field, "choice", "Choose one.");
		return null;
	}

	private static List<String> lines(@Nullable String typed, String field, BindingResult errors) {
		String text = text(typed);
		if (text.length() > LONGEST) {
			errors.rejectValue(field, "long", "This is too long.");
			return List.of();
		}
		return Stream.of(text.split("[\\s,;]+")).filter((line) -> !line.isEmpty()).toList();
	}

	private static String text(@Nullable String typed) {
		return (typed != null) ? typed.strip() : "";
	}

}
