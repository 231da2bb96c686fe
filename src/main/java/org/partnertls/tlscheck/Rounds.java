package org.partnertls.tlscheck;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.Ids;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Looks at the watched domains again and again. Each has its own time; what is due is
 * worked off in portions, with no transaction open while the network is used. A round has
 * finished when every domain was looked at since it began: it is how we know that none is
 * forgotten. Runs in one place at a time; what was under way when that place is killed is
 * simply still due.
 */
@Component
class Rounds {

	private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);

	private static final int PORTION = 500;

	/** Results that we may be to blame for are not held for longer than this. */
	private static final Duration LONGEST_RUN = Duration.ofMinutes(10);

	private static final Duration LATER = Duration.ofMinutes(15);

	private final JdbcClient jdbc;

	private final TlsWatch watch;

	private final Looker looker;

	private final SelfTest selfTest;

	private final Recorder recorder;

	private final AuditLog audit;

	private final ApplicationEventPublisher events;

	private final TransactionTemplate transaction;

	private final RoundSettings settings;

	private final Clock clock;

	Rounds(JdbcClient jdbc, TlsWatch watch, Looker looker, SelfTest selfTest, Recorder recorder, AuditLog audit,
			ApplicationEventPublisher events, TransactionTemplate transaction, TlsCheckProperties properties,
			Clock clock) {
		this.jdbc = jdbc;
		this.watch = watch;
		this.looker = looker;
		this.selfTest = selfTest;
		this.recorder = recorder;
		this.audit = audit;
		this.events = events;
		this.transaction = transaction;
		this.settings = properties.rounds();
		this.clock = clock;
	}

	/**
	 * Looks at what is due. Uses the network; must be called with no transaction open.
	 * @param stopping whether this instance is about to stop
	 */
	@Transactional(propagation = Propagation.NEVER)
	public void work(BooleanSupplier stopping) {
		this.transaction.executeWithoutResult((status) -> keepAccount());
		Instant until = this.clock.instant().plus(LONGEST_RUN);
		List<DomainName> due = this.watch.due(this.clock.instant(), PORTION);
		while (!due.isEmpty() && !stopping.getAsBoolean() && this.clock.instant().isBefore(until)) {
			if (!this.selfTest.run().passed()) {
				// They stay due; nothing was asked, so nobody's state changes.
				return;
			}
			work(due, stopping);
			this.transaction.executeWithoutResult((status) -> keepAccount());
			due = this.watch.due(this.clock.instant(), PORTION);
		}
	}

	private void work(List<DomainName> due, BooleanSupplier stopping) {
		Queue<Seen> doubtful = new ConcurrentLinkedQueue<>();
		Semaphore places = new Semaphore(this.settings.domainsAtOnce());
		try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
			for (DomainName domain : due) {
				places.acquireUninterruptibly();
				if (stopping.getAsBoolean()) {
					break;
				}
				threads.execute(() -> {
					try {
						look(domain, doubtful);
					}
					finally {
						places.release();
					}
				});
			}
		}
		if (doubtful.isEmpty()) {
			return;
		}
		// A check that passes is right whatever happened to us meanwhile; one that does
		// not counts only if our own side still works after it.
		boolean counted = this.selfTest.run().passed();
		for (Seen seen : doubtful) {
			keep(seen, counted);
		}
		if (!counted) {
			this.watch.postpone(doubtful.stream().map(Seen::domain).toList(), this.clock.instant().plus(LATER));
		}
	}

	private void look(DomainName domain, Queue<Seen> doubtful) {
		try {
			Report report = this.looker.look(domain, this.settings.shareFor(), true, (sentence) -> {
			});
			Seen seen = new Seen(domain, report);
			if (Verdict.of(report).domainValidation().outcome() == Verdict.Outcome.PASS) {
				keep(seen, true);
			}
			else {
				doubtful.add(seen);
			}
		}
		catch (RuntimeException ex) {
			LOG.warn("The check of {} broke; it is tried again later", domain, ex);
			this.watch.postpone(List.of(domain), this.clock.instant().plus(LATER));
		}
	}

	private void keep(Seen seen, boolean counted) {
		try {
			this.recorder.keep(Ids.at(this.clock.instant()), seen.domain(), seen.report(), counted);
		}
		catch (RuntimeException ex) {
			LOG.warn("The check of {} could not be kept; it is tried again later", seen.domain(), ex);
			this.watch.postpone(List.of(seen.domain()), this.clock.instant().plus(LATER));
		}
	}

	/**
	 * Begins a round now: every watched domain is due, but for those whose servers do not
	 * want to be asked yet.
	 * @param askedBy an account id
	 */
	@Transactional
	public void beginNow(String askedBy) {
		lock();
		Instant now = this.clock.instant();
		this.jdbc.sql("update watched_domain set due_at = :now where due_at > :now")
			.param("now", TlsWatch.utc(now))
			.update();
		underWay().ifPresent((round) -> finish(round, now));
		open(askedBy, now);
		this.audit.append(Act.of("tlscheck.round-asked").detail("domains", watched()));
	}

	/**
	 * Ends the round that is complete, begins the next in its time, and says when one is
	 * late.
	 */
	private void keepAccount() {
		lock();
		Instant now = this.clock.instant();
		Optional<Round> latest = latest();
		if (latest.isPresent() && latest.get().finishedAt() == null) {
			Round round = latest.get();
			int waiting = waiting(round);
			if (waiting == 0) {
				finish(round, now);
			}
			else if (isLate(round, now) && round.alarmedAt() == null) {
				alarm(round, waiting, now);
			}
			return;
		}
		boolean time = latest.isEmpty() || !latest.get().startedAt().plus(this.settings.interval()).isAfter(now);
		if (time && watched() > 0) {
			open(TlsChecks.ROUND, now);
		}
	}

	private void lock() {
		this.jdbc.sql("select pg_advisory_xact_lock(hashtextextended('check_round', 0))")
			.query((row, number) -> 0)
			.single();
	}

	private void open(String askedBy, Instant now) {
		this.jdbc.sql("insert into check_round (id, asked_by, started_at) values (:id, :by, :now)")
			.param("id", Ids.at(now))
			.param("by", askedBy)
			.param("now", TlsWatch.utc(now))
			.update();
	}

	private void finish(Round round, Instant now) {
		Tally tally = tally();
		this.jdbc.sql("""
				update check_round set finished_at = :now, domains = :domains, failing = :failing,
					inconclusive = :inconclusive where id = :id""")
			.param("now", TlsWatch.utc(now))
			.param("domains", tally.domains() - waiting(round))
			.param("failing", tally.failing())
			.param("inconclusive", tally.inconclusive())
			.param("id", round.id())
			.update();
		this.audit.append(Act.of("tlscheck.round-finished")
			.by(Actor.system("tls-check"))
			.on("check-round", round.id())
			.detail("domains", tally.domains())
			.detail("waiting", waiting(round))
			.detail("failing", tally.failing())
			.detail("inconclusive", tally.inconclusive()));
	}

	private void alarm(Round round, int waiting, Instant now) {
		this.jdbc.sql("update check_round set alarmed_at = :now where id = :id")
			.param("now", TlsWatch.utc(now))
			.param("id", round.id())
			.update();
		this.audit.append(Act.of("tlscheck.round-missed")
			.by(Actor.system("tls-check"))
			.on("check-round", round.id())
			.failed()
			.detail("waiting", waiting));
		this.events.publishEvent(new TlsRoundMissed(round.startedAt(), waiting));
	}

	/**
	 * Whether domains wait for longer than they should. Does not rely on the work being
	 * done anywhere, so that it tells also when nothing runs.
	 */
	@Transactional(readOnly = true)
	public boolean isMissed() {
		Instant now = this.clock.instant();
		Instant oldest = this.jdbc.sql("select min(due_at) as due from watched_domain")
			.query((row, number) -> Optional.ofNullable(TlsWatch.instant(row, "due")))
			.single()
			.orElse(now);
		return oldest.plus(this.settings.alarmAfter()).isBefore(now)
				|| underWay().filter((round) -> isLate(round, now) && waiting(round) > 0).isPresent();
	}

	private boolean isLate(Round round, Instant now) {
		return round.startedAt().plus(this.settings.latest()).isBefore(now);
	}

	/** The round that is under way. */
	@Transactional(readOnly = true)
	public Optional<Round> underWay() {
		return latest().filter((round) -> round.finishedAt() == null);
	}

	private Optional<Round> latest() {
		return rounds(1).stream().findFirst();
	}

	/** The newest rounds, newest first. */
	@Transactional(readOnly = true)
	public List<Round> rounds(int most) {
		return this.jdbc.sql("select * from check_round order by started_at desc, id desc limit :most")
			.param("most", most)
			.query((row, number) -> new Round(row.getObject("id", UUID.class), row.getString("asked_by"),
					row.getObject("started_at", OffsetDateTime.class).toInstant(), TlsWatch.instant(row, "finished_at"),
					row.getInt("domains"), row.getInt("failing"), row.getInt("inconclusive"),
					TlsWatch.instant(row, "alarmed_at")))
			.list();
	}

	/** How many watched domains a round has not come to yet. */
	@Transactional(readOnly = true)
	public int waiting(Round round) {
		return this.jdbc.sql("""
				select count(*) from watched_domain
				where watched_since is not null and (checked_at is null or checked_at < :started)""")
			.param("started", TlsWatch.utc(round.startedAt()))
			.query(Integer.class)
			.single();
	}

	private int watched() {
		return tally().domains();
	}

	/** How the watched domains are. */
	@Transactional(readOnly = true)
	public Tally tally() {
		Instant now = this.clock.instant();
		return this.jdbc.sql("""
				select count(*) as domains, count(*) filter (where state = 'FAILING') as failing,
					count(*) filter (where outcome = 'INCONCLUSIVE') as inconclusive,
					count(*) filter (where forced_tls = 'FAIL') as not_forced,
					count(*) filter (where expiring_from <= :now and expires_at > :now) as expiring,
					count(*) filter (where difference is not null) as different,
					count(*) filter (where due_at <= :now) as due, min(due_at) as next
				from watched_domain where watched_since is not null""")
			.param("now", TlsWatch.utc(now))
			.query((row, number) -> new Tally(row.getInt("domains"), row.getInt("failing"), row.getInt("inconclusive"),
					row.getInt("not_forced"), row.getInt("expiring"), row.getInt("different"), row.getInt("due"),
					TlsWatch.instant(row, "next")))
			.single();
	}

	/**
	 * Judges anew what older rules have judged, from the reports that were kept. States
	 * follow with the next check.
	 * @return how many domains were judged
	 */
	int judgeAgain() {
		List<DomainName> old = this.jdbc.sql("""
				select domain from watched_domain where rules_version < :rules and check_id is not null limit 200""")
			.param("rules", Report.RULES_VERSION)
			.query((row, number) -> new DomainName(row.getString("domain")))
			.list();
		List<DomainName> unreadable = new ArrayList<>();
		for (DomainName domain : old) {
			try {
				this.recorder.judgeAgain(domain);
			}
			catch (RuntimeException ex) {
				LOG.warn("The report of {} cannot be judged again", domain, ex);
				unreadable.add(domain);
			}
		}
		unreadable.forEach(this.recorder::leaveAsJudged);
		return old.size();
	}

	/** A domain and what was seen. */
	private record Seen(DomainName domain, Report report) {
	}

	/**
	 * One round over all watched domains.
	 *
	 * @param id its id
	 * @param askedBy the account id of who wanted it, or the job's name
	 * @param startedAt when it began
	 * @param finishedAt when the last domain had been looked at
	 * @param domains how many were looked at, when finished
	 * @param failing how many of them were failing then
	 * @param inconclusive about how many of them nothing could be said
	 * @param alarmedAt when it counted as missed
	 */
	record Round(UUID id, String askedBy, Instant startedAt, @Nullable Instant finishedAt, int domains, int failing,
			int inconclusive, @Nullable Instant alarmedAt) {
	}

	/**
	 * How many watched domains there are, and in which state.
	 */
	record Tally(int domains, int failing, int inconclusive, int notForced, int expiring, int different, int due,
			@Nullable Instant next) {
	}

}
