package org.partnertls.connector;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;

/**
 * What must hold between the settings of one partner connector, so that Exchange Online
 * takes them and they mean what they seem to. Checked before anything is sent, since the
 * service binds enumerated values by their first letters and reports the rest in words of
 * its own. Pure.
 */
final class Constraints {

	private static final int LONGEST_COMMENT = 1024;

	private static final int MOST_SMART_HOSTS = 20;

	private static final Set<String> LEVELS = Set.of("EncryptionOnly", "CertificateValidation", "DomainValidation");

	private static final Set<String> DANE = Set.of("Opportunistic", "Mandatory", "None");

	private static final Set<String> MTA_STS = Set.of("Opportunistic", "None");

	private static final Pattern RANGE = Pattern.compile("([0-9.]{7,15})-([0-9.]{7,15})");

	/** Settings that belong to connectors to our own servers. */
	private static final List<String> NOT_FOR_PARTNERS = List.of("AllAcceptedDomains", "CloudServicesMailEnabled",
			"IsTransportRuleScoped", "RouteAllMessagesViaOnPremises", "SenderRewritingEnabled", "TestMode",
			"TreatMessagesAsInternal");

	private Constraints() {
	}

	/** A sentence for each that is not met; none when all are. */
	static List<String> objections(Direction direction, Form form) {
		List<String> sentences = new ArrayList<>();
		if (!"Partner".equals(form.get("ConnectorType"))) {
			sentences.add("Only connectors of the type Partner are the portal's business.");
		}
		NOT_FOR_PARTNERS.stream()
			.filter(form::is)
			.forEach((parameter) -> sentences.add(parameter + " must be off in a partner's connector."));
		if (form.get("Comment") instanceof String comment && comment.length() > LONGEST_COMMENT) {
			sentences.add("The comment may have at most " + LONGEST_COMMENT + " characters.");
		}
		switch (direction) {
			case OUTBOUND -> outbound(form, sentences);
			case INBOUND -> inbound(form, sentences);
		}
		return sentences;
	}

	private static void outbound(Form form, List<String> sentences) {
		patterns(Form.RECIPIENT_DOMAINS, form, sentences);
		@Nullable String level = text(form, Form.TLS_SETTINGS);
		@Nullable String name = text(form, Form.TLS_DOMAIN);
		if (level != null && !LEVELS.contains(level)) {
			sentences.add("\"" + level + "\" is no TLS level of Exchange Online.");
		}
		if ("DomainValidation".equals(level) && name == null) {
			sentences.add("The TLS level DomainValidation needs the name that must be in the certificate.");
		}
		if (name != null && !"DomainValidation".equals(level)) {
			sentences.add("A name in the certificate goes only with the TLS level DomainValidation.");
		}
		if (name != null && !Wanted.isDomainOrWildcard(name)) {
			sentences.add("The name in the certificate must be a domain or *.domain; * alone is not accepted.");
		}
		oneOf(Form.DANE, DANE, form, sentences);
		oneOf(Form.MTA_STS, MTA_STS, form, sentences);
		List<String> hosts = form.texts(Form.SMART_HOSTS);
		if (form.is(Form.USE_MX) && !hosts.isEmpty()) {
			sentences.add("Mail goes either by the MX records or to smart hosts, not both.");
		}
		if (!form.is(Form.USE_MX) && hosts.isEmpty()) {
			sentences.add("Without the MX records, name at least one smart host.");
		}
		if (hosts.size() > MOST_SMART_HOSTS) {
			sentences.add("Name at most " + MOST_SMART_HOSTS + " smart hosts.");
		}
		hosts.forEach((host) -> smartHost(host, sentences));
	}

	private static void smartHost(String host, List<String> sentences) {
		if (host.matches("[0-9./]+") || host.contains(":")) {
			Ipv4Range.objection(host).ifPresent(sentences::add);
			if (Ipv4Range.isMicrosoft(host)) {
				sentences.add(host + " is an address of Exchange Online itself and cannot be a smart host.");
			}
			return;
		}
		try {
			if (!host.contains(".")) {
				throw new IllegalArgumentException(host);
			}
			DomainName.of(host);
		}
		catch (IllegalArgumentException ex) {
			sentences.add("\"" + host + "\" is no host name such as mail.example.com.");
		}
	}

	private static void inbound(Form form, List<String> sentences) {
		patterns(Form.SENDER_DOMAINS, form, sentences);
		@Nullable String name = text(form, Form.CERTIFICATE);
		if (name != null && !form.is(Form.REQUIRE_TLS)) {
			sentences
				.add("A name in the sending certificate can be asked for only where mail without TLS is rejected.");
		}
		if (name != null && !Wanted.isDomainOrWildcard(name)) {
			sentences.add("The name of the sending certificate must be a domain or *.domain; * alone is not accepted.");
		}
		if (form.is(Form.BY_CERTIFICATE) && name == null) {
			sentences.add("Only with a certificate: say which name must be in it.");
		}
		List<String> addresses = form.texts(Form.ADDRESSES);
		if (form.is(Form.BY_ADDRESS) && addresses.isEmpty()) {
			sentences.add("Only from listed addresses: list at least one.");
		}
		if (!form.is(Form.BY_ADDRESS) && !addresses.isEmpty()) {
			sentences
				.add("Listed addresses do nothing in a partner's connector unless mail is accepted from them only.");
		}
		if (form.is(Form.BY_CERTIFICATE) && form.is(Form.BY_ADDRESS)) {
			sentences.add("Exchange Online restricts either by certificate or by address, not by both.");
		}
		addresses.forEach((address) -> Ipv4Range.objection(address).ifPresent(sentences::add));
		if (!form.texts("AssociatedAcceptedDomains").isEmpty()) {
			sentences.add("Limiting a partner's connector to some of our domains makes mail to the others bounce.");
		}
		form.texts(Form.SKIP_IPS).forEach((skip) -> skipped(skip, sentences));
		if (form.is("EFSkipLastIP") && !form.texts(Form.SKIP_IPS).isEmpty()) {
			sentences.add("Filtering skips either the last hop or the listed addresses, not both.");
		}
	}

	private static void skipped(String skip, List<String> sentences) {
		var range = RANGE.matcher(skip);
		if (range.matches()) {
			Ipv4Range.objection(range.group(1)).ifPresent(sentences::add);
			Ipv4Range.objection(range.group(2)).ifPresent(sentences::add);
			return;
		}
		Ipv4Range.objection(skip).ifPresent(sentences::add);
	}

	private static void patterns(String parameter, Form form, List<String> sentences) {
		List<String> patterns = form.texts(parameter);
		if (patterns.isEmpty()) {
			sentences.add("Name at least one mail domain of the partner.");
		}
		for (String pattern : patterns) {
			if (!Wanted.isDomainOrWildcard(pattern)) {
				sentences.add("\"" + pattern + "\" is no domain and no *.domain"
						+ (pattern.equals("*") ? "; it would be for everybody's mail." : "."));
			}
		}
	}

	private static void oneOf(String parameter, Set<String> values, Form form, List<String> sentences) {
		@Nullable String value = text(form, parameter);
		if (value == null || !values.contains(value)) {
			sentences.add("\"" + value + "\" is no value of " + parameter + ".");
		}
	}

	private static @Nullable String text(Form form, String parameter) {
		return (form.get(parameter) instanceof String text && !text.isEmpty()) ? text : null;
	}

}
