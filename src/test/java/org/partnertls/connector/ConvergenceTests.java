package org.partnertls.connector;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.partnertls.exchange.InboundConnector;
import org.partnertls.exchange.OutboundConnector;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * For generated tenants and wanted states, with the forms that Exchange Online gives back
 * for what it was sent: applying the plan makes the next plan empty, whatever order
 * things come in.
 */
class ConvergenceTests {

	private static final Names NAMES = new Names("To {domain}", "From {domain}");

	private static final int PER_RUN = 200;

	@RepeatedTest(5)
	void applyingThePlanMakesTheNextPlanEmpty(RepetitionInfo repetition) {
		for (int i = 0; i < PER_RUN; i++) {
			long seed = repetition.getCurrentRepetition() * 1000L + i;
			Random random = new Random(seed);
			Wanted wanted = wanted(random);
			Service service = new Service(random);
			service.populate(wanted);
			Plan.Known known = service.known;
			ChangeKind kind = (random.nextInt(4) == 0) ? pick(random, ChangeKind.SUSPEND, ChangeKind.REMOVE)
					: ChangeKind.ENFORCE;
			assertThat(wanted.objections()).as("seed %d", seed).isEmpty();
			Plan plan = Plan.of(kind, wanted, NAMES, service.tenant(), known);
			assertThat(plan.hash()).as("seed %d: the order of the list does not count", seed)
				.isEqualTo(Plan.of(kind, wanted, NAMES, service.shuffled(), known).hash());
			if (plan.isBlocked()) {
				assertThat(plan.warnings()).as("seed %d", seed).isNotEmpty();
				continue;
			}
			assertThat(plan.objections()).as("seed %d", seed).isEmpty();

			service.apply(plan);

			Plan next = Plan.of(kind, wanted, NAMES, service.tenant(), service.known);
			assertThat(next.isNothing()).as("seed %d: %s", seed, next.actions()).isTrue();
			Plan stored = Json.read(Json.write(plan), Plan.class);
			assertThat(stored.hash()).as("seed %d: what is stored is what was approved", seed).isEqualTo(plan.hash());
		}
	}

	@RepeatedTest(5)
	void applyingAgainBringsWhatSomebodyChangedBackToHowWeLeftIt(RepetitionInfo repetition) {
		int put = 0;
		for (int i = 0; i < PER_RUN; i++) {
			long seed = repetition.getCurrentRepetition() * 1000L + i;
			Random random = new Random(seed);
			Wanted wanted = wanted(random);
			Service service = enforced(random, wanted);
			if (service == null) {
				continue;
			}
			Map<Direction, Form> left = service.ours();
			service.drift(wanted);
			List<Plan.Aim> aims = new ArrayList<>();
			left.forEach((direction, form) -> {
				Form found = service.ours().get(direction);
				if (!form.equals(found)) {
					aims.add(new Plan.Aim(direction, form, found));
				}
			});
			Map<String, Form> others = service.others();

			Plan plan = again(ChangeKind.APPLY_AGAIN, wanted, aims, service, seed);
			service.apply(plan);

			assertThat(service.ours()).as("seed %d: as we left it", seed).isEqualTo(left);
			assertThat(service.others()).as("seed %d", seed).isEqualTo(others);
			assertThat(again(ChangeKind.APPLY_AGAIN, wanted, aims, service, seed).isNothing()).as("seed %d", seed)
				.isTrue();
			put += aims.size();
		}
		assertThat(put).as("something was put back").isGreaterThan(PER_RUN / 2);
	}

	@RepeatedTest(5)
	void goingBackMakesTheConnectorsWhatTheyWere(RepetitionInfo repetition) {
		int back = 0;
		for (int i = 0; i < PER_RUN; i++) {
			long seed = repetition.getCurrentRepetition() * 1000L + i;
			Random random = new Random(seed);
			Wanted wanted = wanted(random);
			Service service = new Service(random);
			service.populate(wanted);
			Map<Direction, Form> before = service.ours();
			Map<String, Form> others = service.others();
			ChangeKind kind = pick(random, ChangeKind.ENFORCE, ChangeKind.ENFORCE, ChangeKind.SUSPEND,
					ChangeKind.REMOVE);
			Plan plan = Plan.of(kind, wanted, NAMES, service.tenant(), service.known);
			if (plan.isBlocked()) {
				continue;
			}
			service.apply(plan);
			List<Plan.Aim> aims = plan.back();

			service.apply(again(ChangeKind.GO_BACK, wanted, aims, service, seed));

			assertThat(service.ours()).as("seed %d: as it was before %s", seed, kind).isEqualTo(before);
			assertThat(service.others()).as("seed %d", seed).isEqualTo(others);
			assertThat(again(ChangeKind.GO_BACK, wanted, aims, service, seed).isNothing()).as("seed %d", seed).isTrue();
			back += aims.size();
		}
		assertThat(back).as("something was taken back").isGreaterThan(PER_RUN / 2);
	}

	/** A tenant in which a plan was carried out; null: something is in its way. */
	private static @Nullable Service enforced(Random random, Wanted wanted) {
		Service service = new Service(random);
		service.populate(wanted);
		Plan plan = Plan.of(ChangeKind.ENFORCE, wanted, NAMES, service.tenant(), service.known);
		if (plan.isBlocked()) {
			return null;
		}
		service.apply(plan);
		return service;
	}

	private static Plan again(ChangeKind kind, Wanted wanted, List<Plan.Aim> aims, Service service, long seed) {
		Plan plan = Plan.of(kind, wanted, aims, NAMES, service.tenant(), service.known);
		assertThat(plan.isBlocked()).as("seed %d: %s", seed, plan.warnings()).isFalse();
		assertThat(plan.objections()).as("seed %d", seed).isEmpty();
		assertThat(plan.hash()).as("seed %d: the order of the list does not count", seed)
			.isEqualTo(Plan.of(kind, wanted, aims, NAMES, service.shuffled(), service.known).hash());
		assertThat(Json.read(Json.write(plan), Plan.class).hash()).as("seed %d: stored", seed).isEqualTo(plan.hash());
		return plan;
	}

	@RepeatedTest(5)
	void settingsTellWhatIsWanted(RepetitionInfo repetition) {
		for (int i = 0; i < PER_RUN; i++) {
			long seed = repetition.getCurrentRepetition() * 1000L + i;
			Random random = new Random(seed);
			Wanted wanted = wanted(random);
			Form outbound = Form.wanted(Direction.OUTBOUND, wanted);
			Form inbound = Form.wanted(Direction.INBOUND, wanted);
			Wanted read = Service.with(wanted, wanted(random)).like(outbound, inbound);
			assertThat(read.domains()).as("seed %d", seed).isEqualTo(wanted.domains());
			assertThat(read.tlsLevel()).as("seed %d", seed).isEqualTo(wanted.tlsLevel());
			assertThat(Form.wanted(Direction.OUTBOUND, read)).as("seed %d", seed).isEqualTo(outbound);
			assertThat(Form.wanted(Direction.INBOUND, read)).as("seed %d", seed).isEqualTo(inbound);
			assertThat(wanted.like(outbound, inbound.watching()).restriction()).as("seed %d", seed)
				.isEqualTo(wanted.restriction());
		}
	}

	private static Wanted wanted(Random random) {
		TreeSet<DomainName> domains = new TreeSet<>();
		for (int i = 0; i <= random.nextInt(3); i++) {
			domains.add(DomainName.of(pick(random, "acme", "b\u00fccher", "x1", "nord-wind", "straße")
					+ random.nextInt(9) + "." + pick(random, "example", "test.example", "com")));
		}
		TreeSet<DomainName> below = new TreeSet<>();
		domains.stream().filter((domain) -> random.nextInt(3) == 0).forEach(below::add);
		TlsLevel level = pick(random, TlsLevel.values());
		Wanted.Restriction restriction = switch (random.nextInt(3)) {
			case 0 ->
				new Wanted.ByCertificate(pick(random, "Mail.Acme.example", "*.acme.EXAMPLE", "mx.bücher.example"));
			case 1 -> new Wanted.ByAddress(List.of("203.0.113." + random.nextInt(256), "198.51.100.0/24"));
			default -> new Wanted.Unrestricted();
		};
		List<String> hosts = (random.nextInt(3) == 0) ? List
			.of(pick(random, "Relay.Acme.example", "203.0.113.9", "mx.b\u00fccher.example"), "203.0.113.16/28")
				: List.of();
		Wanted.Filtering filtering = switch (random.nextInt(4)) {
			case 0 -> new Wanted.Filtering(true, List.of(), List.of(EmailAddress.of("One@contoso.example")));
			case 1 -> new Wanted.Filtering(false, List.of("203.0.113.5-203.0.113.9", "192.0.2.1"), List.of());
			default -> Wanted.Filtering.USUAL;
		};
		return new Wanted(new UUID(7, random.nextLong()), "Acme", domains, level,
				(level == TlsLevel.DOMAIN_VALIDATION) ? pick(random, "*.MX.example", "mail.acme.example") : null,
				List.of(new EmailAddress("postmaster", domains.first())), restriction,
				"TLS-2026-" + random.nextInt(10000), new Wanted.Options(below, hosts,
						pick(random, Wanted.Dane.values()), pick(random, Wanted.MtaSts.values()), filtering));
	}

	@SafeVarargs
	private static <T> T pick(Random random, T... from) {
		return from[random.nextInt(from.length)];
	}

	/**
	 * What Exchange Online makes of what it is sent: other case and order, absent for
	 * default, empty for null.
	 */
	private static final class Service {

		private final Random random;

		private final List<Tenant.Seen> connectors = new ArrayList<>();

		private Plan.Known known = Plan.Known.NONE;

		Service(Random random) {
			this.random = random;
		}

		void populate(Wanted wanted) {
			for (int i = 0; i < this.random.nextInt(4); i++) {
				Wanted other = wanted(this.random);
				Direction direction = pick(this.random, Direction.values());
				add(direction, "other " + i, Form.wanted(direction, other).with("Comment", "by hand"));
			}
			for (Direction direction : Direction.values()) {
				Form as = Form.wanted(direction, wanted);
				switch (this.random.nextInt(6)) {
					case 0 -> add(direction, NAMES.of(direction, wanted), as.with("Comment", "by hand"));
					case 1 -> own(direction, add(direction, NAMES.of(direction, wanted), as));
					case 2 -> own(direction, add(direction, "renamed", as.with(Form.ENABLED, false)));
					case 3 -> own(direction, UUID.randomUUID().toString());
					case 4 -> own(direction,
							add(direction, "old", Form.wanted(direction, with(wanted, wanted(this.random)))));
					default -> {
					}
				}
			}
		}

		/**
		 * Somebody takes ours away, switches them off or makes something else of them.
		 */
		void drift(Wanted wanted) {
			for (Direction direction : Direction.values()) {
				String guid = String.valueOf(this.known.of(direction));
				int what = this.random.nextInt(5);
				if (what == 0) {
					this.connectors.removeIf((seen) -> seen.guid().equals(guid));
				}
				Form other = Form.wanted(direction, wanted(this.random)).with("Comment", "Changed by hand");
				this.connectors.replaceAll((seen) -> (!seen.guid().equals(guid) || what > 2) ? seen
						: seen(direction, guid, "Renamed by hand",
								(what == 1) ? seen.form().with(Form.ENABLED, false) : other,
								this.random.nextBoolean()));
			}
		}

		/** The settings of ours, those that are there. */
		Map<Direction, Form> ours() {
			Map<Direction, Form> ours = new EnumMap<>(Direction.class);
			for (Direction direction : Direction.values()) {
				String guid = this.known.of(direction);
				this.connectors.stream()
					.filter((seen) -> seen.guid().equals(guid))
					.forEach((seen) -> ours.put(direction, seen.form()));
			}
			return ours;
		}

		/** The settings of all that are not ours. */
		Map<String, Form> others() {
			Map<String, Form> others = new TreeMap<>();
			this.connectors.stream()
				.filter((seen) -> !seen.guid().equals(this.known.of(seen.direction())))
				.forEach((seen) -> others.put(seen.guid(), seen.form()));
			return others;
		}

		private static Wanted with(Wanted wanted, Wanted other) {
			return new Wanted(wanted.partnerId(), "Acme", other.domains(), other.tlsLevel(), other.tlsDomain(),
					other.validationRecipients(), other.restriction(), wanted.reference(), other.options());
		}

		private void own(Direction direction, String guid) {
			this.known = (direction == Direction.OUTBOUND) ? new Plan.Known(guid, this.known.inbound())
					: new Plan.Known(this.known.outbound(), guid);
		}

		private String add(Direction direction, String name, Form form) {
			String guid = new UUID(this.random.nextLong(), this.random.nextLong()).toString();
			this.connectors.add(seen(direction, guid, name, form, this.random.nextBoolean()));
			return guid;
		}

		void apply(Plan plan) {
			for (Plan.Action action : plan.actions()) {
				switch (action.kind()) {
					case CREATE -> {
						// Only what is named is sent; the rest is what the service takes
						// then.
						Form sent = Form
							.of(new TreeMap<>(action.target().forCreation(action.direction(), action.name())));
						own(action.direction(), add(action.direction(), action.name(),
								merged(Form.wanted(action.direction(), plan.wanted()), sent, action.target())));
						validated(this.known.of(action.direction()));
					}
					case CHANGE -> {
						Form before = java.util.Objects.requireNonNull(action.before());
						Form after = before;
						for (String parameter : action.target().differences(before)) {
							after = after.with(parameter, action.target().get(parameter));
						}
						replace(action, after);
					}
					case REMOVE -> this.connectors.removeIf((seen) -> seen.guid().equals(action.guid()));
					case NOTHING, ACCEPT, CONFLICT -> {
					}
				}
			}
		}

		/** Everything that was not sent is empty or off. */
		private static Form merged(Form all, Form sent, Form target) {
			Map<String, @Nullable Object> values = new TreeMap<>();
			all.values()
				.forEach((parameter, value) -> values.put(parameter,
						sent.values().containsKey(parameter) ? target.get(parameter)
								: (value instanceof List<?>) ? List.of() : (value instanceof Boolean) ? false : null));
			return Form.of(values);
		}

		private void replace(Plan.Action action, Form after) {
			this.connectors.removeIf((seen) -> seen.guid().equals(action.guid()));
			this.connectors.add(seen(action.direction(), String.valueOf(action.guid()), action.name(), after, true));
		}

		private void validated(@Nullable String guid) {
			this.connectors.replaceAll((seen) -> seen.guid().equals(guid)
					? seen(seen.direction(), seen.guid(), seen.name(), seen.form(), true) : seen);
		}

		Tenant tenant() {
			return new Tenant(this.connectors);
		}

		Tenant shuffled() {
			List<Tenant.Seen> other = new ArrayList<>(this.connectors);
			java.util.Collections.shuffle(other, this.random);
			return new Tenant(other);
		}

		private Tenant.Seen seen(Direction direction, String guid, String name, Form form, boolean validated) {
			if (direction == Direction.OUTBOUND) {
				return Tenant.Seen.of(new OutboundConnector(guid, name, flag(form, "Enabled"), "Partner", "AdminUI",
						(String) form.get("Comment"), mixed(form.texts("RecipientDomains")),
						form.texts("SmartHosts")
							.stream()
							.map((host) -> host.matches("[0-9.]+") ? "[" + host + "]"
									: this.random.nextBoolean() ? java.net.IDN.toUnicode(host) : upper(host))
							.toList(),
						flag(form, "UseMXRecord"), (String) form.get("TlsSettings"),
						upper((String) form.get("TlsDomain")), or(form, "SmtpDaneMode"), or(form, "MtaStsMode"),
						absent(form, "IsTransportRuleScoped"), absent(form, "AllAcceptedDomains"),
						absent(form, "RouteAllMessagesViaOnPremises"), absent(form, "CloudServicesMailEnabled"),
						absent(form, "SenderRewritingEnabled"), absent(form, "TestMode"), List.of(), validated,
						Instant.EPOCH, true, Instant.EPOCH, Instant.EPOCH));
			}
			return Tenant.Seen.of(new InboundConnector(guid, name, flag(form, "Enabled"), "Partner", "AdminUI",
					(String) form.get("Comment"), mixed(form.texts("SenderDomains")),
					mixed(form.texts("SenderIPAddresses")), flag(form, "RequireTls"),
					flag(form, "RestrictDomainsToCertificate"), flag(form, "RestrictDomainsToIPAddresses"),
					upper((String) form.get("TlsSenderCertificateName")), List.of(), List.of(),
					absent(form, "CloudServicesMailEnabled"), absent(form, "TreatMessagesAsInternal"),
					absent(form, "EFSkipLastIP"), mixed(form.texts("EFSkipIPs")), mixed(form.texts("EFUsers")), true,
					Instant.EPOCH, Instant.EPOCH));
		}

		private static Boolean flag(Form form, String parameter) {
			return form.is(parameter);
		}

		private @Nullable String or(Form form, String parameter) {
			return (String) form.get(parameter);
		}

		/** What is off is sometimes not told at all. */
		private @Nullable Boolean absent(Form form, String parameter) {
			return form.is(parameter) ? Boolean.TRUE : this.random.nextBoolean() ? Boolean.FALSE : null;
		}

		private List<String> mixed(List<String> values) {
			List<String> mixed = new ArrayList<>(values);
			java.util.Collections.shuffle(mixed, this.random);
			return mixed;
		}

		private @Nullable String upper(@Nullable String value) {
			return (value != null && this.random.nextBoolean()) ? value.toUpperCase(Locale.ROOT) : value;
		}

	}

}
