package org.partnertls.connector;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
 * @param overlaps other connectors that are for the same mail
 * @param aims what the connectors shall be in the end, where that does not follow from
 * what is wanted
 */
public record Plan(ChangeKind kind, Wanted wanted, List<Action> actions, List<String> warnings,
		List<Overlaps.Overlap> overlaps, List<Aim> aims) {

	public Plan {
		actions = List.copyOf(actions);
		warnings = List.copyOf(warnings);
		// Plans from before these were kept have none.
		overlaps = (overlaps != null) ? List.copyOf(overlaps) : List.of();
		aims = (aims != null) ? List.copyOf(aims) : List.of();
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
		return of(kind, wanted, List.of(), names, tenant, known);
	}

	static Plan of(ChangeKind kind, Wanted wanted, List<Aim> aims, Names names, Tenant tenant, Known known) {
		List<Action> actions = new ArrayList<>();
		List<String> warnings = new ArrayList<>();
		List<Overlaps.Overlap> overlaps = new ArrayList<>();
		for (Direction direction : Direction.values()) {
			Action action = action(new Question(kind, wanted, aims, names.of(direction, wanted), direction), tenant,
					known, warnings);
			actions.add(action);
			if (kind != ChangeKind.SUSPEND && kind != ChangeKind.REMOVE && !kind.isAsItIs()) {
				overlaps.addAll(Overlaps.of(direction, wanted, tenant, action.guid()));
			}
		}
		overlaps.stream().map(Overlaps.Overlap::sentence).forEach(warnings::add);
		if (kind == ChangeKind.ENFORCE && wanted.tlsLevel() == TlsLevel.ENCRYPTION_ONLY) {
			warnings.add("Mail to the partner will be encrypted, but any certificate is accepted: somebody between us"
					+ " and them could still pose as their server.");
		}
		if (kind == ChangeKind.ENFORCE && wanted.options().dane() == Wanted.Dane.MANDATORY) {
			warnings.add("Mail to the partner waits and comes back after a day whenever their servers have no DANE.");
		}
		actions.stream().flatMap((action) -> loosening(action).stream()).forEach(warnings::add);
		return new Plan(kind, wanted, actions, warnings, overlaps, aims);
	}

	/** The same with more to notice. */
	Plan warning(List<String> more) {
		List<String> all = new ArrayList<>(this.warnings);
		all.addAll(more);
		return new Plan(this.kind, this.wanted, this.actions, all, this.overlaps, this.aims);
	}

	/** The same against the tenant as it is now. */
	Plan again(Names names, Tenant tenant, Known known) {
		return of(this.kind, this.wanted, this.aims, names, tenant, known);
	}

	/** Says plainly when mail will be able to travel in clear text. */
	private static List<String> loosening(Action action) {
		Form before = action.before();
		if (before == null || action.kind() == Action.Kind.CONFLICT || action.kind() == Action.Kind.NOTHING) {
			return List.of();
		}
		boolean enforced = isEnforcing(action.direction(), before);
		boolean enforces = action.after() != null && isEnforcing(action.direction(), action.after());
		if (!enforced || enforces) {
			return List.of();
		}
		return List
			.of((action.direction() == Direction.OUTBOUND) ? "Mail to the partner may travel in clear text afterwards."
					: "Mail from the partner may travel in clear text afterwards.");
	}

	/** Whether clear text does not pass a connector with these settings. */
	static boolean isEnforcing(Direction direction, Form settings) {
		return settings.is(Form.ENABLED) && switch (direction) {
			case OUTBOUND -> settings.get(Form.TLS_SETTINGS) != null;
			case INBOUND -> settings.is(Form.REQUIRE_TLS);
		};
	}

	/** What is asked about one connector. */
	private record Question(ChangeKind kind, Wanted wanted, List<Aim> aims, String name, Direction direction) {

		Optional<Aim> aim() {
			return this.aims.stream().filter((aim) -> aim.direction() == this.direction).findFirst();
		}

		/** Whether there shall be such a connector in the end. */
		boolean shallBe() {
			return this.kind == ChangeKind.ENFORCE || aim().map(Aim::form).isPresent();
		}

	}

	private static Action action(Question question, Tenant tenant, Known known, List<String> warnings) {
		Direction direction = question.direction();
		String noun = direction.words().toLowerCase(Locale.ROOT) + " connector";
		Optional<Tenant.Seen> named = tenant.byName(direction, question.name());
		String guid = question.aim().map(Aim::guid).orElseGet(() -> known.of(direction));
		Optional<Tenant.Seen> ours = Optional.ofNullable(guid)
			.flatMap((own) -> tenant.byGuid(direction, own))
			.or(() -> named.filter((seen) -> question.wanted().comment().equals(seen.form().get("Comment"))));
		if (ours.isEmpty() && known.of(direction) != null) {
			warnings.add("The " + noun + " that the portal had made is no longer in the tenant.");
		}
		if (question.kind().isAsItIs()) {
			return accepted(question, ours);
		}
		if (question.kind().isAimed() && question.aim().isEmpty()) {
			return untouched(question, ours);
		}
		if (ours.isPresent()) {
			return onOurs(question, ours.get());
		}
		if (!question.shallBe()) {
			return untouched(question, ours);
		}
		if (named.isPresent()) {
			warnings.add("The tenant has an " + noun + " named \"" + named.get().name()
					+ "\" that the portal did not make. Rename or remove it in the Exchange admin centre, then compute"
					+ " the plan again.");
			return new Action(Action.Kind.CONFLICT, direction, named.get().guid(), named.get().name(),
					named.get().form(), null, List.of());
		}
		Form after = question.aim().map(Aim::form).orElseGet(() -> Form.wanted(direction, question.wanted()));
		return new Action(Action.Kind.CREATE, direction, null, question.name(), null, after,
				Fields.of(direction, question.kind(), question.wanted(), null, after));
	}

	private static Action untouched(Question question, Optional<Tenant.Seen> ours) {
		return ours
			.map((seen) -> new Action(Action.Kind.NOTHING, question.direction(), seen.guid(), seen.name(), seen.form(),
					seen.form(), List.of()))
			.orElseGet(() -> new Action(Action.Kind.NOTHING, question.direction(), null, question.name(), null, null,
					List.of()));
	}

	/** What is there is to stand, if it still is what was seen. */
	private static Action accepted(Question question, Optional<Tenant.Seen> ours) {
		Optional<Aim> aim = question.aim();
		if (aim.isEmpty()) {
			return untouched(question, ours);
		}
		Form is = ours.map(Tenant.Seen::form).orElse(null);
		Form seen = aim.get().form();
		boolean same = (seen == null) ? is == null : is != null && seen.differences(is).isEmpty();
		return new Action(same ? Action.Kind.ACCEPT : Action.Kind.CONFLICT, question.direction(),
				ours.map(Tenant.Seen::guid).orElse(null), ours.map(Tenant.Seen::name).orElse(question.name()), is, seen,
				Fields.of(question.direction(), question.kind(), question.wanted(), aim.get().baseline(), seen));
	}

	private static Action onOurs(Question question, Tenant.Seen seen) {
		Form before = seen.form();
		Direction direction = seen.direction();
		ChangeKind kind = question.kind();
		Form after = switch (kind) {
			case REMOVE -> null;
			case SUSPEND -> before.with(Form.ENABLED, false);
			case ENFORCE -> Form.wanted(direction, question.wanted());
			case APPLY_AGAIN, GO_BACK, ACCEPT, ADOPT -> question.aim().map(Aim::form).orElse(null);
		};
		List<Field> fields = Fields.of(direction, kind, question.wanted(), before, after);
		if (after == null) {
			return new Action(Action.Kind.REMOVE, direction, seen.guid(), seen.name(), before, null, fields);
		}
		boolean same = after.differences(before).isEmpty();
		boolean tried = kind == ChangeKind.ENFORCE || kind == ChangeKind.APPLY_AGAIN;
		boolean proven = !tried || direction == Direction.INBOUND || seen.isValidated();
		if (same && !proven) {
			fields = new ArrayList<>(fields);
			fields.add(new Field("Recorded as validated", "IsValidated", "no", "yes, after a new test message", true));
		}
		return new Action((same && proven) ? Action.Kind.NOTHING : Action.Kind.CHANGE, direction, seen.guid(),
				seen.name(), before, after, fields);
	}

	/**
	 * What Exchange Online would not take of what is to be written, as sentences.
	 */
	List<String> objections() {
		return this.actions.stream()
			.filter((action) -> action.kind() == Action.Kind.CREATE || action.kind() == Action.Kind.CHANGE)
			.filter((action) -> action.after() != null)
			.flatMap((action) -> Constraints.objections(action.direction(), action.target())
				.stream()
				.map((sentence) -> "\"" + action.name() + "\": " + sentence))
			.toList();
	}

	/**
	 * SHA-256 in lower-case hex over the canonical JSON (RFC 8785) of what will be done;
	 * words and warnings do not count. Whoever approves, approves this.
	 */
	public String hash() {
		Map<String, @Nullable Object> what = new LinkedHashMap<>();
		what.put("v", 2);
		what.put("kind", this.kind);
		what.put("wanted", this.wanted);
		what.put("actions", this.actions.stream().map(Action::essence).toList());
		// Others that are for the same mail count with their settings; their names do
		// not.
		what.put("overlaps",
				this.overlaps.stream()
					.map((overlap) -> overlap.direction() + " " + overlap.guid() + " " + overlap.mark())
					.sorted()
					.toList());
		return Json.hash(what);
	}

	/** What brings the settings back that there were before it. */
	List<Aim> back() {
		return this.actions.stream()
			.filter(Action::isWork)
			.map((action) -> new Aim(action.direction(), action.before(), action.after()))
			.toList();
	}

	/** How much it does, in words. */
	public String summary() {
		long create = count(Action.Kind.CREATE);
		long change = count(Action.Kind.CHANGE);
		long remove = count(Action.Kind.REMOVE);
		if (isBlocked()) {
			return "cannot be carried out yet";
		}
		long accept = count(Action.Kind.ACCEPT);
		if (accept > 0) {
			return accept + ((this.kind == ChangeKind.ADOPT) ? " to take over as " : " to accept as ")
					+ ((accept == 1) ? "it is" : "they are");
		}
		if (create + change + remove == 0) {
			return "nothing to do";
		}
		return create + " to create, " + change + " to change" + ((remove > 0) ? ", " + remove + " to remove" : "");
	}

	/** Whether the tenant is as it shall be. */
	public boolean isNothing() {
		return this.actions.stream().allMatch((action) -> action.kind() == Action.Kind.NOTHING);
	}

	/** Whether something in the tenant is in the way. */
	public boolean isBlocked() {
		return count(Action.Kind.CONFLICT) > 0;
	}

	/** All settings of a connector, for people. */
	static List<Field> told(Direction direction, Form form) {
		return Fields.between(direction, form, form);
	}

	/** The settings in which two forms of a connector differ, for people. */
	static List<Field> differing(Direction direction, Form wanted, @Nullable Form found) {
		return Fields.between(direction, wanted, found).stream().filter(Field::changed).toList();
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

		/** Whether it changes something in the tenant. */
		public boolean isWork() {
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
			/** What somebody made of it is to stand. */
			ACCEPT("~"),
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
	 * What one connector shall be.
	 *
	 * @param form its settings; null: it shall not be there
	 * @param baseline what we last knew of it; null: nothing
	 * @param guid of one that is not ours yet; null: it is
	 */
	record Aim(Direction direction, @Nullable Form form, @Nullable Form baseline, @Nullable String guid) {

		Aim(Direction direction, @Nullable Form form, @Nullable Form baseline) {
			this(direction, form, baseline, null);
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
				Map.entry(Form.RECIPIENT_DOMAINS, "Only for recipients in"), Map.entry(Form.USE_MX, "Route"),
				Map.entry(Form.TLS_SETTINGS, "TLS"), Map.entry(Form.TLS_DOMAIN, "Name in their certificate"),
				Map.entry(Form.DANE, "DANE"), Map.entry(Form.MTA_STS, "MTA-STS"),
				Map.entry(Form.ENABLED, "Switched on"), Map.entry("ConnectorType", "Between us and"),
				Map.entry("IsTransportRuleScoped", "For mail-flow rules only"), Map.entry("TestMode", "Test mode"),
				Map.entry("Comment", "Comment"), Map.entry(Form.SENDER_DOMAINS, "Sender domains"),
				Map.entry(Form.REQUIRE_TLS, "Without TLS"), Map.entry(Form.BY_CERTIFICATE, "Only with a certificate"),
				Map.entry(Form.CERTIFICATE, "Name in the sending certificate"),
				Map.entry(Form.BY_ADDRESS, "Only from listed addresses"), Map.entry(Form.ADDRESSES, "Addresses"),
				Map.entry("TreatMessagesAsInternal", "Treated as internal mail"),
				Map.entry("EFSkipLastIP", "Skip the last hop when filtering"),
				Map.entry(Form.SKIP_IPS, "Skip these servers when filtering"),
				Map.entry(Form.SKIP_USERS, "Skip them only for"), Map.entry(Form.SMART_HOSTS, "Smart hosts"),
				Map.entry("AllAcceptedDomains", "For our own domains"),
				Map.entry("CloudServicesMailEnabled", "Keeps internal headers"),
				Map.entry("RouteAllMessagesViaOnPremises", "Routes everything through our own servers"),
				Map.entry("SenderRewritingEnabled", "Rewrites senders"),
				Map.entry("AssociatedAcceptedDomains", "Only to these domains of ours"),
				Map.entry("TrustedOrganizations", "Also trusts these tenants"));

		/** What matters most comes first. */
		private static final List<String> ORDER = List.of(Form.RECIPIENT_DOMAINS, Form.SENDER_DOMAINS, Form.USE_MX,
				Form.SMART_HOSTS, Form.TLS_SETTINGS, Form.TLS_DOMAIN, Form.REQUIRE_TLS, Form.BY_CERTIFICATE,
				Form.CERTIFICATE, Form.BY_ADDRESS, Form.ADDRESSES, Form.ENABLED);

		private Fields() {
		}

		static List<Field> of(Direction direction, ChangeKind kind, Wanted wanted, @Nullable Form before,
				@Nullable Form after) {
			return of(direction, (kind == ChangeKind.ENFORCE) ? wanted : null, before, after);
		}

		static List<Field> between(Direction direction, @Nullable Form before, @Nullable Form after) {
			return of(direction, null, before, after);
		}

		private static List<Field> of(Direction direction, @Nullable Wanted staged, @Nullable Form before,
				@Nullable Form after) {
			Set<String> shown = new TreeSet<>(Form.shownOnCreation(direction));
			if (before != null && after != null) {
				shown.addAll(after.differences(before));
			}
			List<Field> fields = new ArrayList<>();
			ORDER.stream()
				.filter(shown::remove)
				.forEach((parameter) -> fields.add(field(direction, staged, parameter, before, after)));
			shown.forEach((parameter) -> fields.add(field(direction, staged, parameter, before, after)));
			// What is not used is not worth a line.
			fields.removeIf((field) -> !field.changed() && field.oldValue() == null && field.newValue() == null);
			fields.removeIf((field) -> before == null && field.newValue() == null);
			return fields;
		}

		private static Field field(Direction direction, @Nullable Wanted staged, String parameter,
				@Nullable Form before, @Nullable Form after) {
			Object old = (before != null) ? before.get(parameter) : null;
			Object next = (after != null) ? after.get(parameter) : null;
			boolean changed = before == null || after == null || !Objects.equals(old, next);
			String newWords = words(parameter, next);
			if (staged != null && changed && after != null && Boolean.TRUE.equals(next)) {
				newWords = staged(direction, staged, parameter, newWords);
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
				case Form.USE_MX -> value ? "MX record of the domain" : "smart hosts";
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
