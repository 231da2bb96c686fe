package org.partnertls.connector;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;
import org.partnertls.exchange.BlockedConnector;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.exchange.OutboundConnector;
import org.partnertls.exchange.Reply;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Takes partner connectors that people made by hand under the portal's care, without
 * touching them, once somebody else has approved it: from then on they are watched for
 * drift, and the partner's first plan changes them instead of making others.
 */
@Component
public class Adoption {

	private static final Duration LONG_AGO = Duration.ofDays(365);

	private final ExchangeOnline exchange;

	private final TenantNow tenantNow;

	private final ConnectorProperties properties;

	private final JdbcClient jdbc;

	private final ZoneId zone;

	private final Clock clock;

	Adoption(ExchangeOnline exchange, TenantNow tenantNow, ConnectorProperties properties, JdbcClient jdbc, ZoneId zone,
			Clock clock) {
		this.exchange = exchange;
		this.tenantNow = tenantNow;
		this.properties = properties;
		this.jdbc = jdbc;
		this.zone = zone;
		this.clock = clock;
	}

	/** What came of looking. */
	public sealed interface Look {

		/** The candidates, those with the most gaps first. */
		record Seen(List<Candidate> candidates, Snapshot snapshot) implements Look {
		}

		/** The tenant cannot be read now. */
		record Unavailable(String sentence) implements Look {
		}

	}

	/** The tenant at the time of a look; to be handed to {@link #plan}. */
	public static final class Snapshot {

		private final Tenant tenant;

		Snapshot(Tenant tenant) {
			this.tenant = tenant;
		}

	}

	/**
	 * Lists the tenant's partner connectors that no partner has. Takes seconds and uses
	 * the network: call it with no transaction open.
	 */
	public Look look() {
		return switch (this.tenantNow.list()) {
			case Reply.Failed<Tenant> failed -> new Look.Unavailable(Ledger.words(failed.failure()));
			case Reply.Done<Tenant> done ->
				new Look.Seen(candidates(done.value(), known(), blocked()), new Snapshot(done.value()));
		};
	}

	/** Ours, and those about to be. */
	private Set<String> known() {
		Set<String> known = new HashSet<>(
				this.jdbc.sql("select direction || ' ' || lower(guid) from connector where tenant_id = ?")
					.params(this.exchange.tenantId())
					.query(String.class)
					.list());
		this.jdbc.sql("""
				select plan from connector_change
				where tenant_id = ? and kind = 'ADOPT' and state not in ('DONE', 'VOID')""")
			.params(this.exchange.tenantId())
			.query(String.class)
			.list()
			.stream()
			.flatMap((plan) -> Json.read(plan, Plan.class).aims().stream())
			.forEach((aim) -> known.add(aim.direction() + " " + String.valueOf(aim.guid()).toLowerCase(Locale.ROOT)));
		return known;
	}

	private Set<String> blocked() {
		if (!this.exchange.configured()) {
			return Set.of();
		}
		// Not everybody may ask; then nothing is known to be blocked.
		return (this.exchange.blockedConnectors() instanceof Reply.Done<List<BlockedConnector>> done)
				? Set.copyOf(done.value().stream().map(BlockedConnector::connectorId).toList()) : Set.of();
	}

	List<Candidate> candidates(Tenant tenant, Set<String> known, Set<String> blocked) {
		List<Tenant.Seen> outbound = foreign(tenant, Direction.OUTBOUND, known);
		List<Tenant.Seen> inbound = new ArrayList<>(foreign(tenant, Direction.INBOUND, known));
		List<Candidate> candidates = new ArrayList<>();
		for (Tenant.Seen out : outbound) {
			Set<String> domains = domains(out);
			Optional<Tenant.Seen> match = inbound.stream()
				.filter((in) -> !Collections.disjoint(domains(in), domains))
				.max(Comparator.comparingInt((in) -> common(domains(in), domains)));
			match.ifPresent(inbound::remove);
			candidates.add(candidate(out, match.orElse(null), blocked));
		}
		inbound.forEach((in) -> candidates.add(candidate(null, in, blocked)));
		candidates.sort(Comparator.comparingInt((Candidate candidate) -> -candidate.gaps().size())
			.thenComparing((candidate) -> String.join(",", candidate.domains())));
		return candidates;
	}

	private static List<Tenant.Seen> foreign(Tenant tenant, Direction direction, Set<String> known) {
		return tenant.of(direction)
			.stream()
			.filter((seen) -> "Partner".equals(seen.form().get("ConnectorType")))
			.filter((seen) -> !known.contains(direction + " " + seen.guid().toLowerCase(Locale.ROOT)))
			.toList();
	}

	private static int common(Set<String> some, Set<String> others) {
		Set<String> common = new HashSet<>(some);
		common.retainAll(others);
		return common.size();
	}

	private static Set<String> domains(Tenant.Seen seen) {
		Set<String> domains = new TreeSet<>();
		patterns(seen).stream()
			.filter((pattern) -> !pattern.equals("*"))
			.map((pattern) -> pattern.startsWith("*.") ? pattern.substring(2) : pattern)
			.forEach(domains::add);
		return domains;
	}

	private static List<String> patterns(Tenant.Seen seen) {
		return seen.form()
			.texts((seen.direction() == Direction.OUTBOUND) ? Form.RECIPIENT_DOMAINS : Form.SENDER_DOMAINS);
	}

	private Candidate candidate(Tenant.@Nullable Seen out, Tenant.@Nullable Seen in, Set<String> blocked) {
		Set<String> domains = new TreeSet<>();
		Set<String> gaps = new LinkedHashSet<>();
		if (out == null) {
			gaps.add("There is no outbound connector for these domains.");
		}
		else {
			domains.addAll(domains(out));
			outboundGaps(out, gaps);
		}
		if (in == null) {
			gaps.add("There is no inbound connector for these domains.");
		}
		else {
			domains.addAll(domains(in));
			inboundGaps(in, gaps, blocked);
		}
		return new Candidate(List.copyOf(domains), found(out), found(in), List.copyOf(gaps));
	}

	private static Candidate.@Nullable Found found(Tenant.@Nullable Seen seen) {
		return (seen != null) ? new Candidate.Found(seen.guid(), seen.name()) : null;
	}

	private void outboundGaps(Tenant.Seen out, Set<String> gaps) {
		OutboundConnector stored = Objects.requireNonNull(out.outbound());
		shared(out, "Outbound", gaps);
		if (stored.tlsSettings() == null) {
			gaps.add("Outbound: TLS is used only if the other side offers it.");
		}
		else if (stored.tlsSettings().equals(TlsLevel.ENCRYPTION_ONLY.parameter())) {
			gaps.add("Outbound: any certificate is accepted (EncryptionOnly).");
		}
		Instant last = stored.lastValidation();
		if (!out.isValidated()) {
			gaps.add((last == null) ? "Outbound: it has never been validated."
					: "Outbound: its last validation, on " + day(last) + ", failed.");
		}
		else if (last == null || last.isBefore(this.clock.instant().minus(LONG_AGO))) {
			gaps.add("Outbound: it has not been validated for over a year"
					+ ((last != null) ? ", last on " + day(last) + "." : "."));
		}
		if (out.form().is("TestMode")) {
			gaps.add("Outbound: it is in test mode, so that mail does not use it.");
		}
		if (out.form().is("IsTransportRuleScoped")) {
			gaps.add("Outbound: only mail-flow rules use it.");
		}
	}

	private static void inboundGaps(Tenant.Seen in, Set<String> gaps, Set<String> blocked) {
		shared(in, "Inbound", gaps);
		if (!in.form().is(Form.REQUIRE_TLS)) {
			gaps.add("Inbound: mail without TLS is accepted (RequireTls is off).");
		}
		if (blocked.contains(in.guid().toLowerCase(Locale.ROOT))) {
			gaps.add("Inbound: Microsoft has blocked this connector.");
		}
	}

	private static void shared(Tenant.Seen seen, String words, Set<String> gaps) {
		if (!seen.isEnabled()) {
			gaps.add(words + ": it is switched off.");
		}
		if (patterns(seen).contains("*")) {
			gaps.add(words + ": it is for all domains (*), not for one partner.");
		}
	}

	/**
	 * The plan that takes a pair over as it is: nothing is written to the tenant, and
	 * somebody else has to approve.
	 * @param wanted what is known of the partner
	 */
	public Plan plan(Wanted wanted, Candidate candidate, Snapshot snapshot) {
		List<Plan.Aim> aims = new ArrayList<>();
		aim(Direction.OUTBOUND, candidate.outbound(), snapshot).ifPresent(aims::add);
		aim(Direction.INBOUND, candidate.inbound(), snapshot).ifPresent(aims::add);
		return Plan.of(ChangeKind.ADOPT, wanted, aims, this.properties.names(), snapshot.tenant, Plan.Known.NONE);
	}

	private static Optional<Plan.Aim> aim(Direction direction, Candidate.@Nullable Found found, Snapshot snapshot) {
		return Optional.ofNullable(found)
			.flatMap((one) -> snapshot.tenant.byGuid(direction, one.guid()))
			.map((seen) -> new Plan.Aim(direction, seen.form(), null, seen.guid()));
	}

	private String day(Instant at) {
		return DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.UK).format(at.atZone(this.zone));
	}

}
