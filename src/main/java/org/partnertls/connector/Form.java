package org.partnertls.connector;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import org.jspecify.annotations.Nullable;
import org.partnertls.exchange.InboundConnector;
import org.partnertls.exchange.OutboundConnector;
import org.partnertls.organization.DomainName;

/**
 * The settings of one connector, by Exchange Online's parameter names, in a form in which
 * equal settings are equal values.
 *
 * @param values text, booleans, sorted lists of text, or null
 */
record Form(SortedMap<String, @Nullable Object> values) {

	static final String ENABLED = "Enabled";

	static final String REQUIRE_TLS = "RequireTls";

	static final String TLS_SETTINGS = "TlsSettings";

	static final String TLS_DOMAIN = "TlsDomain";

	static final String RECIPIENT_DOMAINS = "RecipientDomains";

	static final String SENDER_DOMAINS = "SenderDomains";

	static final String BY_CERTIFICATE = "RestrictDomainsToCertificate";

	static final String CERTIFICATE = "TlsSenderCertificateName";

	static final String BY_ADDRESS = "RestrictDomainsToIPAddresses";

	static final String ADDRESSES = "SenderIPAddresses";

	static final String SMART_HOSTS = "SmartHosts";

	static final String USE_MX = "UseMXRecord";

	static final String DANE = "SmtpDaneMode";

	static final String MTA_STS = "MtaStsMode";

	static final String SKIP_IPS = "EFSkipIPs";

	static final String SKIP_LAST_IP = "EFSkipLastIP";

	static final String SKIP_USERS = "EFUsers";

	/**
	 * What may be said when a connector is made. Parameters of other kinds of connectors
	 * are never named then.
	 */
	private static final Map<Direction, Set<String>> ON_CREATION = Map.of(Direction.OUTBOUND,
			Set.of("Comment", "ConnectorType", ENABLED, "IsTransportRuleScoped", MTA_STS, RECIPIENT_DOMAINS, DANE,
					SMART_HOSTS, "TestMode", TLS_DOMAIN, TLS_SETTINGS, USE_MX),
			Direction.INBOUND,
			Set.of("Comment", "ConnectorType", SKIP_IPS, SKIP_LAST_IP, SKIP_USERS, ENABLED, REQUIRE_TLS, BY_CERTIFICATE,
					BY_ADDRESS, SENDER_DOMAINS, ADDRESSES, CERTIFICATE, "TreatMessagesAsInternal"));

	@JsonCreator(mode = JsonCreator.Mode.DELEGATING)
	static Form of(Map<String, @Nullable Object> values) {
		return new Form(new TreeMap<>(values));
	}

	Form {
		values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
	}

	@Override
	@JsonValue
	public SortedMap<String, @Nullable Object> values() {
		return this.values;
	}

	/** As it stands in the tenant. */
	static Form of(OutboundConnector stored) {
		SortedMap<String, @Nullable Object> values = new TreeMap<>();
		values.put("AllAcceptedDomains", or(stored.allAcceptedDomains(), false));
		values.put("CloudServicesMailEnabled", or(stored.cloudServicesMailEnabled(), false));
		values.put("Comment", or(stored.comment(), ""));
		values.put("ConnectorType", stored.connectorType());
		values.put(ENABLED, stored.enabled());
		values.put("IsTransportRuleScoped", or(stored.isTransportRuleScoped(), false));
		values.put(MTA_STS, or(stored.mtaStsMode(), "Opportunistic"));
		values.put(RECIPIENT_DOMAINS, sorted(stored.recipientDomains()));
		values.put("RouteAllMessagesViaOnPremises", or(stored.routeAllMessagesViaOnPremises(), false));
		values.put("SenderRewritingEnabled", or(stored.senderRewritingEnabled(), false));
		values.put(SMART_HOSTS, sorted(stored.smartHosts().stream().map(Form::host).toList()));
		values.put(DANE, or(stored.smtpDaneMode(), "Opportunistic"));
		values.put("TestMode", or(stored.testMode(), false));
		values.put(TLS_DOMAIN, lower(stored.tlsDomain()));
		values.put(TLS_SETTINGS, stored.tlsSettings());
		values.put(USE_MX, stored.useMxRecord());
		return new Form(values);
	}

	/** As it stands in the tenant. */
	static Form of(InboundConnector stored) {
		SortedMap<String, @Nullable Object> values = new TreeMap<>();
		values.put("AssociatedAcceptedDomains", sorted(stored.associatedAcceptedDomains()));
		values.put("CloudServicesMailEnabled", or(stored.cloudServicesMailEnabled(), false));
		values.put("Comment", or(stored.comment(), ""));
		values.put("ConnectorType", stored.connectorType());
		values.put(SKIP_IPS, sorted(stored.efSkipIps()));
		values.put(SKIP_LAST_IP, or(stored.efSkipLastIp(), false));
		values.put(SKIP_USERS, sorted(stored.efUsers().stream().map(Form::small).toList()));
		values.put(ENABLED, stored.enabled());
		values.put(REQUIRE_TLS, stored.requireTls());
		values.put(BY_CERTIFICATE, stored.restrictDomainsToCertificate());
		values.put(BY_ADDRESS, stored.restrictDomainsToIpAddresses());
		values.put(SENDER_DOMAINS, sorted(stored.senderDomains()));
		values.put(ADDRESSES, sorted(stored.senderIpAddresses()));
		values.put(CERTIFICATE, lower(stored.tlsSenderCertificateName()));
		values.put("TreatMessagesAsInternal", or(stored.treatMessagesAsInternal(), false));
		values.put("TrustedOrganizations", sorted(stored.trustedOrganizations()));
		return new Form(values);
	}

	/** As it shall be in the end. */
	static Form wanted(Direction direction, Wanted wanted) {
		return switch (direction) {
			case OUTBOUND -> wantedOutbound(wanted);
			case INBOUND -> wantedInbound(wanted);
		};
	}

	private static Form wantedOutbound(Wanted wanted) {
		SortedMap<String, @Nullable Object> values = new TreeMap<>();
		values.put("AllAcceptedDomains", false);
		values.put("CloudServicesMailEnabled", false);
		values.put("Comment", wanted.comment());
		values.put("ConnectorType", "Partner");
		values.put(ENABLED, true);
		values.put("IsTransportRuleScoped", false);
		values.put(MTA_STS, wanted.options().mtaSts().parameter());
		values.put(RECIPIENT_DOMAINS, wanted.recipientPatterns());
		values.put("RouteAllMessagesViaOnPremises", false);
		values.put("SenderRewritingEnabled", false);
		values.put(SMART_HOSTS, sorted(wanted.options().smartHosts().stream().map(Form::host).toList()));
		values.put(DANE, wanted.options().dane().parameter());
		values.put("TestMode", false);
		values.put(TLS_DOMAIN, lower(wanted.tlsDomain()));
		values.put(TLS_SETTINGS, wanted.tlsLevel().parameter());
		values.put(USE_MX, wanted.options().smartHosts().isEmpty());
		return new Form(values);
	}

	private static Form wantedInbound(Wanted wanted) {
		SortedMap<String, @Nullable Object> values = new TreeMap<>();
		Wanted.Restriction restriction = wanted.restriction();
		values.put("AssociatedAcceptedDomains", List.of());
		values.put("CloudServicesMailEnabled", false);
		values.put("Comment", wanted.comment());
		values.put("ConnectorType", "Partner");
		values.put(SKIP_IPS, wanted.options().filtering().skip());
		values.put(SKIP_LAST_IP, wanted.options().filtering().skipLastHop());
		values.put(SKIP_USERS,
				sorted(wanted.options().filtering().users().stream().map(Object::toString).map(Form::small).toList()));
		values.put(ENABLED, true);
		values.put(REQUIRE_TLS, true);
		values.put(BY_CERTIFICATE, restriction instanceof Wanted.ByCertificate);
		values.put(BY_ADDRESS, restriction instanceof Wanted.ByAddress);
		values.put(SENDER_DOMAINS, wanted.senderPatterns());
		values.put(ADDRESSES, (restriction instanceof Wanted.ByAddress by) ? by.ranges() : List.of());
		values.put(CERTIFICATE, (restriction instanceof Wanted.ByCertificate by) ? lower(by.name()) : null);
		values.put("TreatMessagesAsInternal", false);
		values.put("TrustedOrganizations", List.of());
		return new Form(values);
	}

	/** The same with one setting different. */
	Form with(String parameter, @Nullable Object value) {
		SortedMap<String, @Nullable Object> changed = new TreeMap<>(this.values);
		changed.put(parameter, value);
		return new Form(changed);
	}

	/** The same with some settings different. */
	Form with(Map<String, @Nullable Object> others) {
		SortedMap<String, @Nullable Object> changed = new TreeMap<>(this.values);
		changed.putAll(others);
		return new Form(changed);
	}

	/** The same inbound connector while it refuses nothing yet. */
	Form watching() {
		return with(REQUIRE_TLS, false).with(BY_CERTIFICATE, false)
			.with(CERTIFICATE, null)
			.with(BY_ADDRESS, false)
			.with(ADDRESSES, List.of());
	}

	@Nullable Object get(String parameter) {
		return this.values.get(parameter);
	}

	@Nullable String text(String parameter, @Nullable String otherwise) {
		return (this.values.get(parameter) instanceof String text) ? text : otherwise;
	}

	boolean is(String parameter) {
		return Boolean.TRUE.equals(this.values.get(parameter));
	}

	List<String> texts(String parameter) {
		return (this.values.get(parameter) instanceof List<?> texts) ? texts.stream().map(Object::toString).toList()
				: List.of();
	}

	/** The parameters that have another value in the other form. */
	SortedSet<String> differences(Form other) {
		return this.values.keySet()
			.stream()
			.filter((parameter) -> !Objects.equals(get(parameter), other.get(parameter)))
			.collect(Collectors.toCollection(TreeSet::new));
	}

	/** Some of the settings. */
	Map<String, @Nullable Object> only(Set<String> parameters) {
		Map<String, @Nullable Object> some = new LinkedHashMap<>();
		parameters.forEach((parameter) -> some.put(parameter, get(parameter)));
		return some;
	}

	/** What to name when a connector is made like this. */
	Map<String, @Nullable Object> forCreation(Direction direction, String name) {
		Map<String, @Nullable Object> parameters = new LinkedHashMap<>();
		parameters.put("Name", name);
		this.values.forEach((parameter, value) -> {
			boolean empty = value == null || (value instanceof List<?> list && list.isEmpty());
			if (!empty && ON_CREATION.getOrDefault(direction, Set.of()).contains(parameter)) {
				parameters.put(parameter, value);
			}
		});
		return parameters;
	}

	/**
	 * A short mark of all settings: equal for equal settings only.
	 */
	String mark() {
		return Json.hash(this);
	}

	/** The parameters that a reader of a plan for a new connector sees. */
	static Set<String> shownOnCreation(Direction direction) {
		return new TreeSet<>(ON_CREATION.getOrDefault(direction, Set.of()));
	}

	private static Object or(@Nullable Object value, Object otherwise) {
		return (value != null) ? value : otherwise;
	}

	private static List<String> sorted(List<String> values) {
		return values.stream().distinct().sorted().toList();
	}

	/** A name in a certificate, as an A-label in lower case. */
	private static @Nullable String lower(@Nullable String name) {
		if (name == null || name.isEmpty()) {
			return null;
		}
		String star = name.startsWith("*.") ? "*." : "";
		try {
			return star + DomainName.of(name.substring(star.length())).ascii();
		}
		catch (IllegalArgumentException ex) {
			return small(name);
		}
	}

	private static String small(String name) {
		return name.toLowerCase(Locale.ROOT);
	}

	/**
	 * Addresses come back in brackets, as in an SMTP address literal; names as A-labels
	 * or as they were sent.
	 */
	private static String host(String stored) {
		String plain = small(stored);
		if (plain.startsWith("[") && plain.endsWith("]")) {
			return plain.substring(1, plain.length() - 1);
		}
		try {
			return plain.matches("[0-9./]+") ? plain : DomainName.of(plain).ascii();
		}
		catch (IllegalArgumentException ex) {
			return plain;
		}
	}

}
