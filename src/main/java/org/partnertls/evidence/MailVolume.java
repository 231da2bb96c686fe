package org.partnertls.evidence;

import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.exchange.Reply;
import org.partnertls.exchange.TraceQuestion;
import org.partnertls.exchange.TracedMessage;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.OrganizationProperties;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Counts delivered messages per external domain and day from the message trace, where the
 * tenant allows to ask. A day is counted from its end backwards, since the trace tells
 * the newest thousand messages of what is asked; what was counted and how far go together
 * into one transaction, so that a count that was interrupted goes on where it was.
 */
@Component
class MailVolume {

	/** What the portal can miss without leaving a day out for ever. */
	private static final int BACK = 10;

	/**
	 * Half of what the trace may be asked at a time: test messages are looked for too.
	 */
	private static final int CALLS = 40;

	private static final int KEPT = 800;

	private final ExchangeOnline exchange;

	private final OrganizationProperties organization;

	private final JdbcClient jdbc;

	private final TransactionTemplate transaction;

	private final Clock clock;

	MailVolume(ExchangeOnline exchange, OrganizationProperties organization, JdbcClient jdbc,
			TransactionTemplate transaction, Clock clock) {
		this.exchange = exchange;
		this.organization = organization;
		this.jdbc = jdbc;
		this.transaction = transaction;
		this.clock = clock;
	}

	/** Counts on. Uses the network: call it with no transaction open. */
	void count() {
		if (!this.exchange.configured()) {
			return;
		}
		LocalDate today = LocalDate.ofInstant(this.clock.instant(), ZoneOffset.UTC);
		int calls = 0;
		for (LocalDate day = today.minusDays(1); day.isAfter(today.minusDays(BACK)); day = day.minusDays(1)) {
			Progress progress = begun(day);
			while (!progress.done() && calls < CALLS) {
				calls++;
				TraceQuestion question = new TraceQuestion(start(day), progress.reached(), List.of(), List.of(),
						List.of("Delivered"));
				switch (this.exchange.trace(question)) {
					case Reply.Failed<List<TracedMessage>> failed -> {
						problem(day, failed.failure().message());
						return;
					}
					case Reply.Done<List<TracedMessage>> done -> progress = take(day, progress, done.value());
				}
			}
		}
		this.transaction.executeWithoutResult((status) -> {
			this.jdbc.sql("delete from mail_volume where day < ?").param(today.minusDays(KEPT)).update();
			this.jdbc.sql("delete from mail_volume_day where day < ?").param(today.minusDays(KEPT)).update();
		});
	}

	private Progress begun(LocalDate day) {
		return Objects.requireNonNull(this.transaction.execute((status) -> {
			this.jdbc.sql("""
					insert into mail_volume_day (day, reached, done, counted) values (?, ?, false, 0)
					on conflict do nothing""").params(day, utc(start(day.plusDays(1)))).update();
			return this.jdbc.sql("select reached, done from mail_volume_day where day = ?")
				.param(day)
				.query((row, number) -> new Progress(row.getObject(1, OffsetDateTime.class).toInstant(),
						row.getBoolean(2)))
				.single();
		}));
	}

	/**
	 * Takes an answer in: all of it but the earliest second, which may go on in the next.
	 */
	private Progress take(LocalDate day, Progress progress, List<TracedMessage> messages) {
		boolean last = messages.size() < TraceQuestion.MOST_ROWS;
		Instant cut = last ? start(day)
				: messages.stream()
					.map(TracedMessage::received)
					.min(Instant::compareTo)
					.orElseThrow()
					.truncatedTo(ChronoUnit.SECONDS)
					.plusSeconds(1);
		// More than a thousand in one second: what is not told cannot be counted.
		boolean stuck = !cut.isBefore(progress.reached());
		Instant reached = stuck ? progress.reached().minusSeconds(1) : cut;
		List<TracedMessage> counted = messages.stream()
			.filter((message) -> message.received().isBefore(progress.reached())
					&& !message.received().isBefore(reached))
			.toList();
		Progress now = new Progress(reached, last || !reached.isAfter(start(day)));
		this.transaction.executeWithoutResult((status) -> {
			int moved = this.jdbc.sql("""
					update mail_volume_day set reached = :now, done = :done, counted = counted + :counted,
					problem = case when :stuck then 'More messages came within a second than the trace tells.' end
					where day = :day and reached = :before and not done""")
				.param("now", utc(now.reached()))
				.param("done", now.done())
				.param("counted", counted.size())
				.param("stuck", stuck)
				.param("day", day)
				.param("before", utc(progress.reached()))
				.update();
			// Another instance may have counted the same.
			if (moved == 1) {
				add(day, counted);
			}
		});
		return now;
	}

	private void add(LocalDate day, List<TracedMessage> messages) {
		Set<String> ours = this.organization.mailDomains().stream().map(DomainName::ascii).collect(Collectors.toSet());
		Map<String, long[]> counts = new HashMap<>();
		for (TracedMessage message : messages) {
			String from = domain(message.sender());
			String to = domain(message.recipient());
			if (ours.contains(from) && !ours.contains(to) && !to.isEmpty()) {
				counts.computeIfAbsent(to, (key) -> new long[2])[0]++;
			}
			else if (ours.contains(to) && !ours.contains(from) && !from.isEmpty()) {
				counts.computeIfAbsent(from, (key) -> new long[2])[1]++;
			}
		}
		counts.forEach((domain, count) -> this.jdbc.sql("""
				insert into mail_volume (day, domain, sent, received) values (?, ?, ?, ?)
				on conflict (day, domain) do update
				set sent = mail_volume.sent + excluded.sent, received = mail_volume.received + excluded.received""")
			.params(day, domain, count[0], count[1])
			.update());
	}

	private static String domain(String address) {
		String domain = address.substring(address.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
		try {
			return DomainName.of(domain).ascii();
		}
		catch (IllegalArgumentException ex) {
			return "";
		}
	}

	private void problem(LocalDate day, String words) {
		this.transaction
			.executeWithoutResult((status) -> this.jdbc.sql("update mail_volume_day set problem = ? where day = ?")
				.param(1, words, Types.VARCHAR)
				.param(2, day)
				.update());
	}

	/**
	 * What was counted before a time.
	 * @return empty when no day was ever begun before it
	 */
	Optional<Counted> before(Instant at, Coverage.Span span) {
		LocalDate last = LocalDate.ofInstant(at.minusMillis(1), ZoneOffset.UTC);
		LocalDate first = last.minusDays(span.days());
		Counted days = this.jdbc.sql("""
				select min(day), max(day), count(*) filter (where done),
					(array_agg(problem order by day desc) filter (where problem is not null))[1]
				from mail_volume_day where day >= ? and day <= ?""")
			.params(first, last)
			.query((row, number) -> new Counted(row.getObject(1, LocalDate.class), row.getObject(2, LocalDate.class),
					row.getInt(3), row.getString(4), List.of()))
			.single();
		return (days.from() == null) ? Optional.empty()
				: Optional.of(new Counted(days.from(), days.to(), days.days(), days.problem(),
						this.jdbc.sql("""
								select domain, sum(sent), sum(received) from mail_volume where day >= ? and day <= ?
								group by domain""")
							.params(first, last)
							.query((row, number) -> new Volume(row.getString(1), row.getLong(2), row.getLong(3)))
							.list()));
	}

	private static Instant start(LocalDate day) {
		return day.atStartOfDay(ZoneOffset.UTC).toInstant();
	}

	private static OffsetDateTime utc(Instant instant) {
		return instant.atOffset(ZoneOffset.UTC);
	}

	/** Everything received at that second or later has been counted. */
	private record Progress(Instant reached, boolean done) {
	}

	/**
	 * What was counted.
	 *
	 * @param from the first day begun
	 * @param to the last
	 * @param days how many days were counted whole
	 * @param problem why not more; null: nothing is wrong
	 * @param domains how much by domain
	 */
	record Counted(LocalDate from, LocalDate to, int days, @Nullable String problem, List<Volume> domains) {
	}

	/** The messages of one domain. */
	record Volume(String domain, long sent, long received) {

		long all() {
			return this.sent + this.received;
		}

	}

}
