package org.partnertls.evidence;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Retries;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * What to do next and why, the most urgent first: one statement over the tables of the
 * modules below, which takes the first of each kind from an index, so that it takes no
 * longer with thousands of partners.
 */
@Component
class WorkList {

	/** How many of a kind are shown; the page names how many more there are. */
	static final int SHOWN = 3;

	private static final String FIRST = each(
			(kind) -> "(select '" + kind + "' as kind, w.* from (" + kind.sql
					+ ") w (target, title, why, since, until, by_id) order by w.since limit " + SHOWN + ")",
			"select * from (", ") work order by since");

	private static final String NUMBERS = each((kind) -> "select '" + kind
			+ "' as kind, count(*) as number, count(*) filter (where since > :day) as fresh from (" + kind.sql
			+ ") w (target, title, why, since, until, by_id)", "", "");

	private final JdbcClient jdbc;

	private final ZoneId zone;

	private final Clock clock;

	private final Lately<Map<Kind, Numbers>> numbers = new Lately<>(() -> numbers(PartnerList.SOON));

	WorkList(JdbcClient jdbc, ZoneId zone, Clock clock) {
		this.jdbc = jdbc;
		this.zone = zone;
		this.clock = clock;
	}

	private static String each(Function<Kind, String> part, String before, String after) {
		return Arrays.stream(Kind.values())
			.map(part)
			.collect(Collectors.joining("\nunion all\n", before, after))
			// One by one: a join would read all partners for the few that are meant.
			.replaceAll("join partner\\(([^)]+)\\)",
					"join lateral (select id, name, state from partnership where id = $1 offset 0)");
	}

	/** What waits, by kind; how much there is of each was counted lately. */
	@Transactional(readOnly = true)
	List<Group> groups(UUID me) {
		return groups(me, PartnerList.SOON, this.numbers.get(this.clock.instant()));
	}

	/**
	 * The same, for a letter.
	 * @param soon how long before its day what falls due belongs to it
	 */
	@Transactional(readOnly = true)
	List<Group> groups(UUID me, Duration soon) {
		return groups(me, soon, numbers(soon));
	}

	private List<Group> groups(UUID me, Duration soon, Map<Kind, Numbers> numbers) {
		// The same plan is good for all values, and helpers take longer to start than to
		// find the few rows that there are.
		this.jdbc.sql("""
				select set_config('plan_cache_mode', 'force_generic_plan', true),
					set_config('max_parallel_workers_per_gather', '0', true)""").query().singleRow();
		Map<Kind, List<Item>> items = new EnumMap<>(Kind.class);
		asked(FIRST, soon).query((row) -> {
			Kind kind = Kind.valueOf(row.getString("kind"));
			items.computeIfAbsent(kind, (one) -> new ArrayList<>()).add(item(kind, row, me));
		});
		return items.entrySet()
			.stream()
			.map((entry) -> new Group(entry.getKey(), entry.getValue(),
					numbers.getOrDefault(entry.getKey(), new Numbers(0, 0))))
			.toList();
	}

	private Map<Kind, Numbers> numbers(Duration soon) {
		Map<Kind, Numbers> numbers = new EnumMap<>(Kind.class);
		asked(NUMBERS, soon).query((row) -> {
			numbers.put(Kind.valueOf(row.getString("kind")), new Numbers(row.getLong("number"), row.getLong("fresh")));
		});
		return numbers;
	}

	private JdbcClient.StatementSpec asked(String sql, Duration soon) {
		Instant now = this.clock.instant();
		return this.jdbc.sql(sql)
			.param("now", PartnerList.utc(now))
			.param("day", PartnerList.utc(now.minus(Duration.ofDays(1))))
			.param("soon", PartnerList.utc(now.plus(soon)))
			.param("patience", PartnerList.utc(now.minus(Duration.ofDays(3))))
			.param("silence", PartnerList.utc(now.minus(Duration.ofDays(7))))
			.param("zone", this.zone.getId())
			.param("month", LocalDate.ofInstant(now, this.zone).plusDays(30))
			.param("parked", Retries.LIMIT);
	}

	private static Item item(Kind kind, ResultSet row, UUID me) throws SQLException {
		String why = row.getString("why");
		UUID by = row.getObject("by_id", UUID.class);
		OffsetDateTime since = row.getObject("since", OffsetDateTime.class);
		OffsetDateTime until = row.getObject("until", OffsetDateTime.class);
		boolean mine = me.equals(by);
		return new Item(row.getString("title"), (why != null) ? why : "",
				(mine && kind.fourEyes) ? "Not for you: " + "you shaped it, so somebody else has to approve." : null,
				kind.url.formatted(row.getString("target")), (since != null) ? since.toInstant() : null,
				(until != null) ? until.toInstant() : null);
	}

	/**
	 * A kind of work. The order is that of urgency: what leaves mail without protection
	 * or standing still, then what people wait for, then what comes.
	 */
	enum Kind {

		/** Protection is loosened. */
		RELIEF(Urgency.NOW, "Loosened: nothing tightens it again by itself", "/partners/%s/relief",
				"/partners?finding=relieved", """
						select partner_id::text, partner_name, case when state = 'FAILED'
							then 'Loosening did not work: ' || coalesce(detail, 'no answer') else reason end,
							wanted_at, until, null::uuid
						from connector_relief where state <> 'ENDED'"""),
		/** A connector is not as approved. */
		DRIFT(Urgency.NOW, "Changed in the tenant: say what holds", "/partners/%s/connectors", "/connectors/drift",
				"""
						select partner_id::text, partner_name, case kind when 'GONE' then 'The connector "' || name || '" was deleted.'
							when 'SWITCHED_OFF' then 'The connector "' || name || '" was switched off.'
							when 'LOOSENED' then 'The connector "' || name || '" was loosened: clear text may pass.'
							else 'The connector "' || name || '" was changed.' end, found_at, null::timestamptz, null::uuid
						from connector_drift where ended_at is null"""),
		/** A push stands still. */
		ATTENTION(Urgency.NOW, "A push stands still", "/changes/%s", "/changes?state=NEEDS_ATTENTION", """
				select id::text, partner_name, coalesce(why, 'A step failed.'), coalesce(started_at, proposed_at),
					null::timestamptz, null::uuid
				from connector_change where state = 'NEEDS_ATTENTION'"""),
		/** A bulk push has stopped by itself. */
		ROLLOUT(Urgency.NOW, "A bulk push has stopped after failures", "/connectors", "/connectors", """
				select id::text, 'Bulk push', 'Look at what failed, then let it go on or mend it.', stopped_at,
					null::timestamptz, null::uuid
				from connector_rollout where ended_at is null and stopped_at is not null"""),
		/** Mail with TLS does not get through. */
		FAILING(Urgency.NOW, "Mail servers fail the check", "/tls-checks/domains/%s", "/tls-checks?show=failing", """
				select domain, coalesce(partner_name, domain), coalesce(sentence, 'The check fails.'), state_since,
					null::timestamptz, null::uuid
				from watched_domain where state = 'FAILING' and watched_since is not null"""),
		/** Both sides should have proven again. */
		OVERDUE(Urgency.NOW, "Overdue: both sides have to prove again", "/partners/%s", "/partners?due=overdue", """
				select id::text, name, 'Last proven on ' || to_char(last_proof_at at time zone :zone, 'FMDD Mon YYYY')
					|| '. Owner: ' || owner_name || '.', next_due_at, null::timestamptz, null::uuid
				from partnership where state = 'ACTIVE' and next_due_at < :now"""),
		/** Work of the portal's own that has failed. */
		JOBS(Urgency.NOW, "Work that keeps failing", "/jobs", "/jobs", """
				select task_name, task_name, 'Tried ' || consecutive_failures || ' times.', last_failure,
					null::timestamptz, null::uuid
				from scheduled_tasks where consecutive_failures > 0 and consecutive_failures >= :parked"""),
		/** Answers wait for us. */
		REVIEW(Urgency.WAITING, "Confirmed by the partner: review it", "/reviews/%s", "/reviews", true, """
				select a.id::text, p.name, case a.kind when 'FIRST' then 'They have done their part and wait for us.'
					when 'CHANGE' then 'They want to change something.' else 'They have confirmed again.' end,
					a.submitted_at, null::timestamptz, a.shaped_by
				from attestation a join partner(a.partner_id) p on true where a.state = 'SUBMITTED'"""),
		/** A plan waits for somebody else. */
		APPROVAL(Urgency.WAITING, "A plan waits for approval", "/changes/%s", "/changes?state=PLANNED", true, """
				select c.id::text, c.partner_name, 'Nothing is changed in the tenant before that.', c.proposed_at,
					null::timestamptz, c.shaped_by
				from connector_change c where c.state = 'PLANNED' and not exists (
					select from attestation a where a.id = c.attestation_id and a.state = 'SUBMITTED')"""),
		/** Somebody asks to join. */
		REQUEST(Urgency.WAITING, "Asks to join: accept or reject", "/requests/%s", "/requests", """
				select id::text, organisation, 'For ' || domain || ', asked by ' || contact_name || '.', confirmed_at,
					null::timestamptz, null::uuid
				from partner_request where state = 'CONFIRMED'"""),
		/** A list was imported and not invited. */
		IMPORT(Urgency.WAITING, "Imported and not invited", "/partners/imports/%s", "/partners/imports",
				"""
						select i.id::text, 'Import of ' || to_char(i.imported_at at time zone :zone, 'FMDD Mon YYYY'),
							count(*) || ' not invited, ' || count(*) filter (where r.state = 'REFUSED') || ' refused.', i.imported_at, null::timestamptz,
							null::uuid
						from partner_import i join partner_import_row r on r.import_id = i.id
						where r.state in ('WAITING', 'REFUSED') group by i.id"""),
		/** Nobody of theirs can confirm. */
		DESERTED(Urgency.SOON, "Nobody of theirs signs in any more: phone them", "/partners/%s/people",
				"/partners?finding=deserted",
				"""
						select p.id::text, p.name, 'Their last technical contact has left. Owner: ' || p.owner_name || '.',
							max(k.left_at), null::timestamptz, null::uuid
						from contact k join partnership p on p.id = k.partnership_id
						where k.role = 'TECHNICAL' and k.left_at is not null
							and p.state in ('INVITED', 'ONBOARDING', 'ACTIVE', 'SUSPENDED')
							and not exists (select from contact t where t.partnership_id = k.partnership_id
								and t.role = 'TECHNICAL' and t.left_at is null)
						group by p.id"""),
		/** Mail to somebody of theirs comes back. */
		UNREACHABLE(Urgency.SOON, "Mail to their people comes back: phone them", "/partners/%s/people",
				"/partners?finding=unreachable", """
						select p.id::text, p.name, 'Mail to ' || k.address || ' comes back.', k.returned_at,
							null::timestamptz, null::uuid
						from contact k join partner(k.partnership_id) p on true
						where k.returned_at is not null and k.left_at is null
							and p.state in ('INVITED', 'ONBOARDING', 'ACTIVE', 'SUSPENDED')"""),
		/** A domain's proof does not come. */
		PROOF(Urgency.SOON, "Proof of a domain is stuck: look again or waive it", "/partners/%s",
				"/partners?finding=unproven",
				"""
						select p.id::text, p.name, m.name || ': ' || coalesce(m.seen, 'nobody has looked yet'), m.asked_at,
							null::timestamptz, null::uuid
						from mail_domain m join partner(m.partnership_id) p on true
						where m.living and m.proof = 'UNPROVEN' and m.asked_at < :patience
							and p.state in ('ONBOARDING', 'ACTIVE')"""),
		/** Servers are others than those approved. */
		DIFFERENT(Urgency.SOON, "Mail servers are not those approved: ask the partner", "/tls-checks/domains/%s",
				"/tls-checks?show=different", """
						select domain, coalesce(partner_name, domain), difference, difference_since, null::timestamptz,
							null::uuid
						from watched_domain where difference is not null"""),
		/**
		 * A gap that was accepted for a time is about to end; its noon is the same day
		 * for most.
		 */
		EXCEPTION(Urgency.SOON, "An accepted gap ends: is it closed?", "/partners/%s", "/compliance/exceptions", """
				select p.id::text, p.name, 'Accepted until ' || e.gap_until || '.',
					(e.gap_until + time '12:00') at time zone :zone, null::timestamptz, null::uuid
				from attestation e join partner(e.partner_id) p on true
				where e.state = 'APPROVED' and e.gap_until is not null and e.gap_until <= :month
					and p.state in ('ACTIVE', 'ONBOARDING')
					and not exists (select from attestation later where later.partner_id = e.partner_id
						and later.state = 'APPROVED' and later.decided_at > e.decided_at)"""),
		/** A certificate runs out. */
		EXPIRING(Urgency.SOON, "A certificate expires", "/tls-checks/domains/%s", "/tls-checks?show=expiring", """
				select domain, coalesce(partner_name, domain), 'The partner has been told.', expires_at,
					null::timestamptz, null::uuid
				from watched_domain where expiring_from <= :now and expires_at > :now and watched_since is not null"""),
		/** Both sides prove again soon. */
		DUE(Urgency.SOON, "Falls due", "/partners/%s", "/partners?due=soon", """
				select id::text, name, 'Owner: ' || owner_name || '.', next_due_at, null::timestamptz, null::uuid
				from partnership where state = 'ACTIVE' and next_due_at between :now and :soon"""),
		/** Nobody has come. */
		SILENT(Urgency.SOON, "Invited and not heard of: remind or phone", "/partners/%s", "/partners?state=INVITED", """
				select id::text, name, 'Owner: ' || owner_name || '.', invited_at, null::timestamptz, null::uuid
				from partnership where state = 'INVITED' and invited_at < :silence""");

		private final Urgency urgency;

		private final String title;

		private final String url;

		private final String all;

		private final boolean fourEyes;

		private final String sql;

		Kind(Urgency urgency, String title, String url, String all, String sql) {
			this(urgency, title, url, all, false, sql);
		}

		Kind(Urgency urgency, String title, String url, String all, boolean fourEyes, String sql) {
			this.urgency = urgency;
			this.title = title;
			this.url = url;
			this.all = all;
			this.fourEyes = fourEyes;
			this.sql = sql;
		}

	}

	/** How soon. */
	enum Urgency {

		/** Mail is unprotected, or something stands still. */
		NOW("Now", "bad"),
		/** People wait for us. */
		WAITING("Waiting for you", "wait"),
		/** It comes. */
		SOON("Soon", "idle");

		private final String words;

		private final String tone;

		Urgency(String words, String tone) {
			this.words = words;
			this.tone = tone;
		}

		public String words() {
			return this.words;
		}

		public String tone() {
			return this.tone;
		}

	}

	/**
	 * Something to do.
	 *
	 * @param title whom it is about
	 * @param why in words
	 * @param notForYou why whoever looks cannot do it; null: they can
	 * @param url where it is done
	 * @param since when it began to wait, or when it is due
	 * @param until when it has to be done
	 */
	record Item(String title, String why, @Nullable String notForYou, String url, @Nullable Instant since,
			@Nullable Instant until) {
	}

	/**
	 * How many there are of a kind.
	 *
	 * @param all of them
	 * @param fresh those that have come within a day
	 */
	record Numbers(long all, long fresh) {
	}

	/**
	 * All of a kind.
	 *
	 * @param items the first of them
	 * @param numbers how many there are
	 */
	record Group(Kind kind, List<Item> items, Numbers numbers) {

		/** At least those that are shown, however long ago they were counted. */
		public long number() {
			return (this.items.size() < SHOWN) ? this.items.size() : Math.max(SHOWN, this.numbers.all());
		}

		/** How many of them have come within a day. */
		long fresh() {
			return this.numbers.fresh();
		}

		public String title() {
			return this.kind.title;
		}

		public Urgency urgency() {
			return this.kind.urgency;
		}

		/** Where all of them are. */
		public String all() {
			return this.kind.all;
		}

		/** How many are not shown. */
		public long more() {
			return number() - this.items.size();
		}

		/** The items' time lies ahead. */
		public boolean ahead() {
			return this.kind == Kind.DUE || this.kind == Kind.EXPIRING || this.kind == Kind.EXCEPTION;
		}

	}

}
