package org.partnertls.connector;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;
import org.partnertls.exchange.InboundConnector;
import org.partnertls.exchange.OutboundConnector;
import org.partnertls.organization.DomainName;

/**
 * What will be done to the tenant for one partner, field by field.
 *
 * @param kind what for
 * @param wanted what the partner shall have
 * @param actions one per connector, the outbound one first
 * @param warnings sentences for whoever reviews it
 */
public record Plan(ChangeKind kind, Wanted wanted, List<Action> actions, List<String> warnings) {

	public Plan {
		actions = List.copyOf(actions);
		warnings = List.copyOf(warnings);
	}

	/**
	 * Compares what is wanted with what is there.
	 * @param outbound the tenant's outbound connectors, all of them
	 * @param inbound the tenant's inbound connectors, all of them
	 */
	static Plan of(ChangeKind kind, Wanted wanted, Names names, List<OutboundConnector> outbound,
			List<InboundConnector> inbound, Known known) {
		return of(kind, wanted, names, Tenant.of(outbound, inbound), known);
	}

	static Plan of(ChangeKind kind, Wanted wanted, Names names, Tenant tenant, Known known) {
		List<Action> actions = new ArrayList<>();
		List<String> warnings = new ArrayList<>();
		for (Direction direction : Direction.values()) {
			Action action = action(kind, wanted, names.of(direction, wanted), tenant, known, direction, warnings);
			actions.add(action);
			if (kind == ChangeKind.ENFORCE) {
				warnings.addAll(Overlaps.of(direction, wanted, tenant, action.guid()));
			}
		}
		if (kind == ChangeKind.ENFORCE && wanted.tlsLevel() == TlsLevel.ENCRYPTION_ONLY) {
			warnings.add("Mail to the partner will be encrypted, but any certificate is accepted: somebody between us"
					+ " and them could still pose as their server.");
		}
		return new Plan(kind, wanted, actions, warnings);
	}

	private static Action action(ChangeKind kind, Wanted wanted, String name, Tenant tenant, Known known,
			Direction direction, List<String> warnings) {
		Optional<Tenant.Seen> named = tenant.byName(direction, name);
		Optional<Tenant.Seen> ours = Optional.ofNullable(known.of(direction))
			.flatMap((guid) -> tenant.byGuid(direction, guid))
			.or(() -> named.filter((seen) -> wanted.comment().equals(seen.form().get("Comment"))));
		if (ours.isEmpty() && known.of(direction) != null) {
			warnings.add("The " + direction.words().toLowerCase(java.util.Locale.ROOT)
					+ " connector that the portal had made is no longer in the tenant.");
		}
		if (ours.isPresent()) {
			return onOurs(kind, wanted, ours.get());
		}
		if (kind != ChangeKind.ENFORCE) {
			return new Action(Action.Kind.NOTHING, direction, null, name, null, null, List.of());
		}
		if (named.isPresent()) {
			warnings.add("The tenant has an " + direction.words().toLowerCase(java.util.Locale.ROOT)
					+ " connector named \"" + named.get().name()
					+ "\" that the portal did not make. Rename or remove it in the Exchange admin centre, then compute"
					+ " the plan again.");
			return new Action(Action.Kind.CONFLICT, direction, named.get().guid(), named.get().name(),
					named.get().form(), null, List.of());
		}
		Form after = Form.wanted(direction, wanted);
		return new Action(Action.Kind.CREATE, direction, null, name, null, after,
				Fields.of(direction, wanted, null, after));
	}

	private static Action onOurs(ChangeKind kind, Wanted wanted, Tenant.Seen seen) {
		Form before = seen.form();
		Direction direction = seen.direction();
		if (kind == ChangeKind.REMOVE) {
			return new Action(Action.Kind.REMOVE, direction, seen.guid(), seen.name(), before, null,
					Fields.of(direction, wanted, before, null));
		}
		Form after = (kind == ChangeKind.SUSPEND) ? before.with(Form.ENABLED, false) : Form.wanted(direction, wanted);
		boolean same = after.differences(before).isEmpty();
		boolean proven = kind == ChangeKind.SUSPEND || direction == Direction.INBOUND || seen.isValidated();
		return new Action((same && proven) ? Action.Kind.NOTHING : Action.Kind.CHANGE, direction, seen.guid(),
				seen.name(), before, after, Fields.of(direction, wanted, before, after));
	}

	/**
	 * SHA-256 in lower-case hex over the canonical JSON (RFC 8785) of what will be done;
	 * words and warnings do not count. Whoever approves, approves this.
	 */
	public String hash() {
		Map<String, @Nullable Object> what = new LinkedHashMap<>();
		what.put("v", 1);
		what.put("kind", this.kind);
		what.put("wanted", this.wanted);
		what.put("actions", this.actions.stream().map(Action::essence).toList());
		return Json.hash(what);
	}

	/** How much it does, in words. */
	public String summary() {
		long create = count(Action.Kind.CREATE);
		long change = count(Action.Kind.CHANGE);
		long remove = count(Action.Kind.REMOVE);
		if (isBlocked()) {
			return "cannot be carried out yet";
		}
		if (create + change + remove == 0) {
			return "nothing to do";
		}
		return create + " to create, " + change + " to change" + ((remove > 0) ? ", " + remove + " to remove" : "");
	}

	/** Whether something in the tenant is in the way. */
	public boolean isBlocked() {
		return count(Action.Kind.CONFLICT) > 0;
	}

	Action of(Direction direction) {
		return this.actions.stream().filter((action) -> action.direction() == direction).findFirst().orElseThrow();
	}

	private long count(Action.Kind kind) {
		return this.actions.stream().filter((action) -> action.kind() == kind).count();
	}

	/**
	 * What happens to one connector.
	 *
	 * @param guid of the connector that is there; null: there is none
	 * @param before its settings; null: there is none
	 * @param after its settings in the end; null: there will be none, or none of ours
	 * @param fields the same for people
	 */
	public record Action(Kind kind, Direction direction, @Nullable String guid, String name, @Nullable Form before,
			@Nullable Form after, List<Field> fields) {

		public Action {
			fields = List.copyOf(fields);
		}

		/** The sign that stands before it in a diff. */
		public String sign() {
			return this.kind.sign;
		}

		/** What it is done to. */
		public String title() {
			return this.direction.title();
		}

		Form target() {
			return Objects.requireNonNull(this.after);
		}

		boolean isWork() {
			return this.kind == Kind.CREATE || this.kind == Kind.CHANGE || this.kind == Kind.REMOVE;
		}

		/** Whether the connector refuses clear text as it stands. */
		boolean isRejecting() {
			return this.before != null && this.before.is(Form.REQUIRE_TLS) && this.before.is(Form.ENABLED);
		}

		private Map<String, @Nullable Object> essence() {
			Map<String, @Nullable Object> essence = new LinkedHashMap<>();
			essence.put("kind", this.kind);
			essence.put("direction", this.direction);
			essence.put("guid", this.guid);
			essence.put("name", this.name);
			essence.put("before", this.before);
			essence.put("after", this.after);
			return essence;
		}

		/** What is done. */
		public enum Kind {

			/** Make it. */
			CREATE("+"),
			/** Change some of its settings. */
			CHANGE("~"),
			/** It is as wanted. */
			NOTHING("="),
			/** Take it away. */
			REMOVE("-"),
			/** Somebody else's connector is in the way. */
			CONFLICT("!");

			private final String sign;

			Kind(String sign) {
				this.sign = sign;
			}

		}

	}

	/**
	 * One setting of a connector.
	 *
	 * @param label plain words
	 * @param parameter Exchange Online's word
	 * @param oldValue in words; null: there is none
	 * @param newValue in words; null: there is none
	 * @param changed whether it will be another value than before
	 */
	public record Field(String label, String parameter, @Nullable String oldValue, @Nullable String newValue,
			boolean changed) {
	}

	/**
	 * The connectors that we made for the partner, by their GUIDs.
	 */
	record Known(@Nullable String outbound, @Nullable String inbound) {

		static final Known NONE = new Known(null, null);

		@Nullable String of(Direction direction) {
			return (direction == Direction.OUTBOUND) ? this.outbound : this.inbound;
		}

	}

	/**
	 * How settings are told to people.
	 */
	private static final class Fields {

		private static final Map<String, String> LABELS = Map.ofEntries(
				Map.entry(Form.RECIPIENT_DOMAINS, "Only for recipients in"), Map.entry("UseMXRecord", "Route"),
				Map.entry(Form.TLS_SETTINGS, "TLS"), Map.entry(Form.TLS_DOMAIN, "Name in their certificate"),
				Map.entry("SmtpDaneMode", "DANE"), Map.entry("MtaStsMode", "MTA-STS"),
				Map.entry(Form.ENABLED, "Switched on"), Map.entry("ConnectorType", "Between us and"),
				Map.entry("IsTransportRuleScoped", "For mail-flow rules only"), Map.entry("TestMode", "Test mode"),
				Map.entry("Comment", "Comment"), Map.entry(Form.SENDER_DOMAINS, "Sender domains"),
				Map.entry(Form.REQUIRE_TLS, "Without TLS"), Map.entry(Form.BY_CERTIFICATE, "Only with a certificate"),
				Map.entry(Form.CERTIFICATE, "Name in the sending certificate"),
				Map.entry(Form.BY_ADDRESS, "Only from listed addresses"), Map.entry(Form.ADDRESSES, "Addresses"),
				Map.entry("TreatMessagesAsInternal", "Treated as internal mail"),
				Map.entry("EFSkipLastIP", "Skip the last hop when filtering"), Map.entry("SmartHosts", "Smart hosts"),
				Map.entry("AllAcceptedDomains", "For our own domains"),
				Map.entry("CloudServicesMailEnabled", "Keeps internal headers"),
				Map.entry("RouteAllMessagesViaOnPremises", "Routes everything through our own servers"),
				Map.entry("SenderRewritingEnabled", "Rewrites senders"),
				Map.entry("AssociatedAcceptedDomains", "Only to these domains of ours"));

		/** What matters most comes first. */
		private static final List<String> ORDER = List.of(Form.RECIPIENT_DOMAINS, Form.SENDER_DOMAINS, "UseMXRecord",
				Form.TLS_SETTINGS, Form.TLS_DOMAIN, Form.REQUIRE_TLS, Form.BY_CERTIFICATE, Form.CERTIFICATE,
				Form.BY_ADDRESS, Form.ADDRESSES, Form.ENABLED);

		private Fields() {
		}

		static List<Field> of(Direction direction, Wanted wanted, @Nullable Form before, @Nullable Form after) {
			Set<String> shown = new TreeSet<>(Form.shownOnCreation(direction));
			if (before != null && after != null) {
				shown.addAll(after.differences(before));
			}
			List<Field> fields = new ArrayList<>();
			ORDER.stream()
				.filter(shown::remove)
				.forEach((parameter) -> fields.add(field(direction, wanted, parameter, before, after)));
			shown.forEach((parameter) -> fields.add(field(direction, wanted, parameter, before, after)));
			// What is not used is not worth a line.
			fields.removeIf((field) -> !field.changed() && field.oldValue() == null && field.newValue() == null);
			fields.removeIf((field) -> before == null && field.newValue() == null);
			return fields;
		}

		private static Field field(Direction direction, Wanted wanted, String parameter, @Nullable Form before,
				@Nullable Form after) {
			Object old = (before != null) ? before.get(parameter) : null;
			Object next = (after != null) ? after.get(parameter) : null;
			boolean changed = before == null || after == null || !Objects.equals(old, next);
			String newWords = words(parameter, next);
			if (changed && after != null && Boolean.TRUE.equals(next)) {
				newWords = staged(direction, wanted, parameter, newWords);
			}
			return new Field(LABELS.getOrDefault(parameter, parameter), parameter,
					(before != null) ? words(parameter, old) : null, newWords, changed);
		}

		private static @Nullable String staged(Direction direction, Wanted wanted, String parameter,
				@Nullable String words) {
			return switch (parameter) {
				case Form.REQUIRE_TLS ->
					"rejected, once a test message has proven TLS and the observation time is over";
				case Form.ENABLED -> (direction == Direction.OUTBOUND && !wanted.validationRecipients().isEmpty())
						? "yes, once a validation message to " + wanted.validationRecipients().getFirst()
								+ " has got through"
						: words;
				case Form.BY_CERTIFICATE, Form.BY_ADDRESS -> words + ", from the hour at which rejecting starts";
				default -> words;
			};
		}

		private static @Nullable String words(String parameter, @Nullable Object value) {
			return switch (value) {
				case null -> null;
				case Boolean flag -> flag(parameter, flag);
				case List<?> list -> list.isEmpty() ? null
						: String.join(", ", list.stream().map(Object::toString).map(Fields::readable).toList());
				default -> parameter.equals(Form.TLS_SETTINGS) ? level(value.toString())
						: value.toString().isEmpty() ? null : value.toString();
			};
		}

		private static String flag(String parameter, boolean value) {
			return switch (parameter) {
				case "UseMXRecord" -> value ? "MX record of the domain" : "smart hosts";
				case Form.REQUIRE_TLS -> value ? "rejected" : "accepted";
				default -> value ? "yes" : "no";
			};
		}

		private static String level(String parameter) {
			for (TlsLevel level : TlsLevel.values()) {
				if (level.parameter().equals(parameter)) {
					return level.words();
				}
			}
			return parameter;
		}

		private static String readable(String name) {
			try {
				return DomainName.of(name).display();
			}
			catch (IllegalArgumentException ex) {
				return name;
			}
		}

	}

}
