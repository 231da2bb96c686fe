package org.partnertls.tlscheck;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.DomainName;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The domains that are looked at by themselves. Whoever knows the partners says which:
 * this module does not know them.
 */
@Component
public class TlsWatch {

	private final JdbcClient jdbc;

	private final TlsChecks checks;

	private final AuditLog audit;

	private final JsonMapper json;

	private final RoundSettings settings;

	private final Clock clock;

	TlsWatch(JdbcClient jdbc, TlsChecks checks, AuditLog audit, JsonMapper json, TlsCheckProperties properties,
			Clock clock) {
		this.jdbc = jdbc;
		this.checks = checks;
		this.audit = audit;
		this.json = json;
		this.settings = properties.rounds();
		this.clock = clock;
	}

	/**
	 * Watches exactly these domains of a partner: begins with those that are new, ends
	 * with all others. Saying the same again changes nothing.
	 * @param domains none when the partnership is over
	 */
	@Transactional
	public void watch(UUID partnerId, String partnerName, Set<DomainName> domains) {
		Instant now = this.clock.instant();
		List<WatchedDomain> before = ofPartner(partnerId);
		for (WatchedDomain one : before) {
			if (!domains.contains(one.domain())) {
				end(one, partnerId, partnerName);
			}
			else if (!partnerName.equals(one.partnerName())) {
				this.jdbc.sql("update watched_domain set partner_name = :name where domain = :domain")
					.param("name", partnerName)
					.param("domain", one.domain().ascii())
					.update();
			}
		}
		Set<DomainName> known = Set.copyOf(before.stream().map(WatchedDomain::domain).toList());
		domains.stream()
			.filter((domain) -> !known.contains(domain))
			.forEach((domain) -> begin(domain, partnerId, partnerName, now));
	}

	private void begin(DomainName domain, UUID partnerId, String partnerName, Instant now) {
		this.checks.note(domain, now);
		// Whoever had it before had other connectors and other servers.
		this.jdbc.sql("""
				update watched_domain set partner_id = :partner, partner_name = :name, watched_since = :now,
					due_at = :now, approved = null, level = :level, difference = null, difference_since = null
				where domain = :domain""")
			.param("partner", partnerId)
			.param("name", partnerName)
			.param("now", utc(now))
			.param("level", Level.CERTIFICATE_VALIDATION.name())
			.param("domain", domain.ascii())
			.update();
		this.audit
			.append(Act.of("tlscheck.watch-began").domain(domain).partner(partnerId, partnerName).detail("since", now));
	}

	private void end(WatchedDomain one, UUID partnerId, String partnerName) {
		this.jdbc.sql("""
				update watched_domain set partner_id = null, partner_name = null, watched_since = null, due_at = null,
					approved = null, difference = null, difference_since = null where domain = :domain""")
			.param("domain", one.domain().ascii())
			.update();
		Act act = Act.of("tlscheck.watch-ended").domain(one.domain()).partner(partnerId, partnerName);
		if (one.watchedSince() != null) {
			act.detail("since", one.watchedSince());
		}
		if (one.checkedAt() != null) {
			act.detail("checked", one.checkedAt());
		}
		this.audit.append(act);
	}

	/**
	 * From now on compares a watched domain with how its servers are now: what its newest
	 * check saw, or its next one where there is none yet.
	 * @param level what the outbound connector demands
	 * @param tlsDomain the name in the certificate that it demands, at the highest level
	 */
	@Transactional
	public void approve(DomainName domain, Level level, @Nullable String tlsDomain) {
		Instant now = this.clock.instant();
		Report report = this.checks.latestFinished(domain).map(TlsCheck::report).orElse(null);
		Approved approved = (report != null) ? Approved.of(report, level, tlsDomain, now)
				: Approved.unseen(level, tlsDomain, now);
		this.jdbc.sql("""
				update watched_domain set level = :level, approved = :approved, difference = null,
					difference_since = null where domain = :domain""")
			.param("level", level.name())
			.param("approved", this.json.writeValueAsString(approved))
			.param("domain", domain.ascii())
			.update();
	}

	/**
	 * Has all watched domains of some partners looked at next, at the pace of the rounds.
	 * @return how many domains these are
	 */
	@Transactional(propagation = Propagation.MANDATORY)
	public int lookSoon(Collection<UUID> partnerIds) {
		return this.jdbc.sql("""
				update watched_domain set due_at = least(due_at, :now)
				where partner_id = any(:partners) and due_at is not null""")
			.param("now", utc(this.clock.instant()))
			.param("partners", partnerIds.toArray(UUID[]::new))
			.update();
	}

	/**
	 * Since when nothing is known of a watched domain: no check came that counts, or
	 * several in a row could not say. Nothing when it is known how it is; what lies
	 * behind stands in the history ({@code tlscheck.gap}).
	 */
	public @Nullable Instant unknownSince(WatchedDomain domain) {
		Instant since = domain.watchedSince();
		if (since == null || domain.checkedAt() == null) {
			return since;
		}
		Instant now = this.clock.instant();
		return domain.checkedAt().plus(this.settings.latest()).isBefore(now) ? domain.checkedAt()
				: domain.condition().unclearSince(now, this.settings.patience());
	}

	/** The domains of a partner that are watched, by name. */
	@Transactional(readOnly = true)
	public List<WatchedDomain> ofPartner(UUID partnerId) {
		return this.jdbc.sql("select * from watched_domain where partner_id = :partner order by domain")
			.param("partner", partnerId)
			.query(this::domain)
			.list();
	}

	/**
	 * Domains by name.
	 * @param after only those behind this name
	 * @param most how many
	 */
	@Transactional(readOnly = true)
	List<WatchedDomain> list(DomainFilter filter, @Nullable String after, int most) {
		return this.jdbc
			.sql("select * from watched_domain where domain > :after and " + filter.show().condition()
					+ " and (strpos(domain, :words) > 0 or strpos(lower(partner_name), :words) > 0)"
					+ " order by domain limit :most")
			.param("after", (after != null) ? after : "")
			.param("words", filter.words())
			.param("now", utc(this.clock.instant()))
			.param("most", most)
			.query(this::domain)
			.list();
	}

	/** How many domains each choice has. */
	@Transactional(readOnly = true)
	Map<DomainFilter.Show, Integer> counts() {
		// Each counted from an index of its own.
		String counts = Arrays.stream(DomainFilter.Show.values())
			.map((show) -> "(select count(*) from watched_domain where " + show.condition() + ") as "
					+ show.name().toLowerCase(Locale.ROOT))
			.collect(Collectors.joining(", "));
		return this.jdbc.sql("select " + counts).param("now", utc(this.clock.instant())).query((row, number) -> {
			Map<DomainFilter.Show, Integer> found = new EnumMap<>(DomainFilter.Show.class);
			for (DomainFilter.Show show : DomainFilter.Show.values()) {
				found.put(show, row.getInt(show.name().toLowerCase(Locale.ROOT)));
			}
			return found;
		}).single();
	}

	/** A domain that was ever looked at. */
	@Transactional(readOnly = true)
	public Optional<WatchedDomain> find(DomainName domain) {
		return this.jdbc.sql("select * from watched_domain where domain = :domain")
			.param("domain", domain.ascii())
			.query(this::domain)
			.optional();
	}

	/** The same, for change. */
	@Transactional(propagation = Propagation.MANDATORY)
	Optional<WatchedDomain> lock(DomainName domain) {
		return this.jdbc.sql("select * from watched_domain where domain = :domain for update")
			.param("domain", domain.ascii())
			.query(this::domain)
			.optional();
	}

	/** Domains that are due, those that wait longest first. */
	@Transactional(readOnly = true)
	List<DomainName> due(Instant now, int most) {
		return this.jdbc.sql("select domain from watched_domain where due_at <= :now order by due_at limit :most")
			.param("now", utc(now))
			.param("most", most)
			.query((row, number) -> new DomainName(row.getString("domain")))
			.list();
	}

	/** Looks at a domain later. */
	@Transactional
	void postpone(Collection<DomainName> domains, Instant until) {
		for (DomainName domain : domains) {
			this.jdbc.sql("update watched_domain set due_at = :until where domain = :domain and due_at is not null")
				.param("until", utc(until))
				.param("domain", domain.ascii())
				.update();
		}
	}

	WatchedDomain domain(ResultSet row, int number) throws SQLException {
		String approved = row.getString("approved");
		Instant since = row.getObject("state_since", OffsetDateTime.class).toInstant();
		Condition condition = new Condition(Condition.State.valueOf(row.getString("state")), since,
				row.getInt("failures"), instant(row, "first_failed_at"), row.getInt("unclear"),
				instant(row, "unclear_since"));
		return new WatchedDomain(new DomainName(row.getString("domain")), row.getObject("partner_id", UUID.class),
				row.getString("partner_name"), instant(row, "watched_since"), instant(row, "due_at"),
				Level.valueOf(row.getString("level")),
				(approved != null) ? this.json.readValue(approved, Approved.class) : null, condition,
				instant(row, "deep_at"), row.getObject("check_id", UUID.class), instant(row, "checked_at"),
				outcome(row, "outcome"), outcome(row, "forced_tls"), row.getString("sentence"),
				instant(row, "expires_at"), instant(row, "expiring_from"),
				(row.getString("platform") != null) ? MxPlatform.valueOf(row.getString("platform")) : null,
				row.getString("difference"), instant(row, "difference_since"));
	}

	static Verdict.@Nullable Outcome outcome(ResultSet row, String column) throws SQLException {
		String name = row.getString(column);
		return (name != null) ? Verdict.Outcome.valueOf(name) : null;
	}

	static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
		OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
		return (time != null) ? time.toInstant() : null;
	}

	static OffsetDateTime utc(Instant instant) {
		return instant.atOffset(ZoneOffset.UTC);
	}

}
