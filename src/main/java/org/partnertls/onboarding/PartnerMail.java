package org.partnertls.onboarding;

import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.exchange.Reply;
import org.partnertls.exchange.TraceEvent;
import org.partnertls.exchange.TraceQuestion;
import org.partnertls.exchange.TracedMessage;
import org.partnertls.header.TestMailbox;
import org.partnertls.partner.Partner;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What Exchange Online's message trace tells of a partner's mail, where the tenant allows
 * to ask: what is late or lost, and which connector a test message took.
 */
@Component
class PartnerMail {

	private static final Duration BACK = Duration.ofDays(2);

	private static final int MOST_DETAILS = 8;

	private static final int MOST_ROWS = 50;

	/** Addresses in one question. */
	private static final int AT_ONCE = 50;

	/** So long may the trace know that a message came, and not yet by which connector. */
	private static final Duration DETAILS_COME_LATER = Duration.ofHours(1);

	private final ExchangeOnline exchange;

	private final TestMailbox mailbox;

	private final Attestations attestations;

	private final Onboarding onboarding;

	private final EvidenceProperties settings;

	private final JdbcClient jdbc;

	private final AuditLog audit;

	private final TransactionTemplate transaction;

	private final Clock clock;

	PartnerMail(ExchangeOnline exchange, TestMailbox mailbox, Attestations attestations, Onboarding onboarding,
			EvidenceProperties settings, JdbcClient jdbc, AuditLog audit, TransactionTemplate transaction,
			Clock clock) {
		this.exchange = exchange;
		this.mailbox = mailbox;
		this.attestations = attestations;
		this.onboarding = onboarding;
		this.settings = settings;
		this.jdbc = jdbc;
		this.audit = audit;
		this.transaction = transaction;
		this.clock = clock;
	}

	/**
	 * A message in trouble.
	 *
	 * @param out whether we sent it
	 * @param words what happened last, in Exchange Online's words; null: not asked
	 * @param cause what that means; null: nothing that we know
	 * @param givesUpAt when Exchange Online sends a bounce; null: it has given up
	 */
	record Trouble(boolean out, Instant at, String from, String to, String status, @Nullable String words,
			Bounce.@Nullable Cause cause, @Nullable Instant givesUpAt) {
	}

	/** What came of asking. */
	sealed interface Troubles {

		/** Those of the last two days, newest first. */
		record Seen(List<Trouble> messages) implements Troubles {
		}

		/** It cannot be told. */
		record Unknown(String why) implements Troubles {
		}

	}

	/** Asks now. Uses the network: call it with no transaction open. */
	Troubles troubles(Partner partner) {
		if (!this.exchange.configured()) {
			return new Troubles.Unknown("The portal is not connected to Exchange Online.");
		}
		Instant until = this.clock.instant();
		List<TracedMessage> out = new ArrayList<>();
		List<TracedMessage> in = new ArrayList<>();
		List<String> anybody = partner.domains().stream().map((domain) -> "*@" + domain.name().ascii()).toList();
		// The trace may be asked so often and no more: all domains in one question.
		for (int i = 0; i < anybody.size(); i += AT_ONCE) {
			List<String> theirs = anybody.subList(i, Math.min(i + AT_ONCE, anybody.size()));
			for (boolean ours : List.of(true, false)) {
				TraceQuestion question = new TraceQuestion(until.minus(BACK), until, ours ? List.of() : theirs,
						ours ? theirs : List.of(), List.of("Failed", "Pending"));
				switch (this.exchange.trace(question)) {
					case Reply.Failed<List<TracedMessage>> failed -> {
						return new Troubles.Unknown(failed.failure().message());
					}
					case Reply.Done<List<TracedMessage>> done -> (ours ? out : in).addAll(done.value());
				}
			}
		}
		List<Trouble> troubles = new ArrayList<>();
		for (TracedMessage message : newest(out, in)) {
			troubles.add(trouble(message, out.contains(message), troubles.size() < MOST_DETAILS));
		}
		return new Troubles.Seen(troubles);
	}

	private static List<TracedMessage> newest(List<TracedMessage> out, List<TracedMessage> in) {
		List<TracedMessage> all = new ArrayList<>(out);
		all.addAll(in);
		return all.stream()
			.distinct()
			.sorted(Comparator.comparing(TracedMessage::received).reversed())
			.limit(MOST_ROWS)
			.toList();
	}

	private Trouble trouble(TracedMessage message, boolean out, boolean detailed) {
		String words = null;
		if (detailed && this.exchange.traceDetail(message) instanceof Reply.Done<List<TraceEvent>> done) {
			words = done.value()
				.stream()
				.filter((event) -> event.event().startsWith("Defer") || event.event().startsWith("Fail"))
				.map(TraceEvent::detail)
				.filter((detail) -> detail != null && !detail.isBlank())
				.reduce((earlier, later) -> later)
				.orElse(null);
		}
		Bounce.Cause cause = (words != null) ? Bounce.read(words).cause() : Bounce.Cause.UNKNOWN;
		boolean waits = message.status().equals("Pending");
		return new Trouble(out, message.received(), message.sender(), message.recipient(),
				waits ? "late, being tried again" : "lost, bounced", words,
				(cause != Bounce.Cause.UNKNOWN) ? cause : null,
				waits ? message.received().plus(Duration.ofHours(24)) : null);
	}

	/** A test message as the trace tells of it. */
	record Traced(Instant at, String status, @Nullable String connector) {
	}

	/** A partner's test messages that the trace has told of, newest first. */
	List<Traced> traced(UUID partnerId) {
		return this.jdbc.sql("""
				select received_at, status, connector from inbound_trace where partner_id = :partner
				order by received_at desc limit 10""")
			.param("partner", partnerId)
			.query((row, number) -> new Traced(row.getObject(1, OffsetDateTime.class).toInstant(), row.getString(2),
					row.getString(3)))
			.list();
	}

	/**
	 * Looks for test messages by their addresses. The trace says that a message came and
	 * by which connector; whether it was encrypted, its headers say.
	 * @return how many were new; negative: the trace could not be asked
	 */
	int look() {
		if (!this.exchange.configured() || this.mailbox.address() == null) {
			return -1;
		}
		Instant now = this.clock.instant();
		Instant from = now.minus(TraceQuestion.LONGEST.minusHours(1));
		List<String> addresses = this.attestations.findAwaitingMessages(now.minus(this.settings.fresh()))
			.stream()
			.map((attestation) -> this.mailbox.addressFor(attestation.nonce()).toString())
			.toList();
		int found = 0;
		for (int i = 0; i < addresses.size(); i += AT_ONCE) {
			TraceQuestion question = new TraceQuestion(from, now.plusSeconds(60), List.of(),
					addresses.subList(i, Math.min(i + AT_ONCE, addresses.size())), List.of());
			if (!(this.exchange.trace(question) instanceof Reply.Done<List<TracedMessage>> done)) {
				return -1;
			}
			for (TracedMessage message : done.value()) {
				found += take(message) ? 1 : 0;
			}
		}
		return found;
	}

	private boolean take(TracedMessage message) {
		Optional<Attestation> attestation = attestation(message);
		if (attestation.isEmpty() || isKnown(attestation.get(), message)) {
			return false;
		}
		if (!(this.exchange.traceDetail(message) instanceof Reply.Done<List<TraceEvent>> done)) {
			return false;
		}
		String connector = done.value()
			.stream()
			.filter((event) -> event.event().startsWith("Receive"))
			.map(TraceEvent::connector)
			.flatMap(Optional::stream)
			.findFirst()
			.orElse(null);
		return Boolean.TRUE.equals(this.transaction.execute((status) -> keep(attestation.get(), message, connector)));
	}

	/** The durable work. */
	@Configuration(proxyBeanMethods = false)
	static class Job {

		@Bean
		RecurringTask<Void> messageTrace(PartnerMail mail) {
			// A message takes some minutes to the trace. Who may not ask, may not ask.
			return Tasks.recurring("message-trace", FixedDelay.of(Duration.ofMinutes(5)))
				.execute((instance, context) -> mail.look());
		}

	}

	private Optional<Attestation> attestation(TracedMessage message) {
		String recipient = message.recipient();
		int plus = recipient.indexOf('+');
		int at = recipient.lastIndexOf('@');
		return (plus < 0 || at < plus) ? Optional.empty()
				: this.attestations.findByNonce(recipient.substring(plus + 1, at))
					.filter((found) -> this.mailbox.addressFor(found.nonce()).key().equals(recipient));
	}

	private boolean isKnown(Attestation attestation, TracedMessage message) {
		return this.jdbc.sql("""
				select count(*) from inbound_trace where attestation_id = :attestation and trace_id = :trace
				and (connector is not null or seen_at <= :late)""")
			.param("attestation", attestation.id())
			.param("trace", message.traceId())
			.param("late", this.clock.instant().minus(DETAILS_COME_LATER).atOffset(ZoneOffset.UTC))
			.query(Integer.class)
			.single() > 0;
	}

	/** Returns whether that is news. */
	private boolean keep(Attestation attestation, TracedMessage message, @Nullable String connector) {
		int news = this.jdbc
			.sql("""
					insert into inbound_trace (attestation_id, trace_id, partner_id, received_at, status, connector, seen_at)
					values (:attestation, :trace, :partner, :received, :status, :connector, :now)
					on conflict (attestation_id, trace_id) do update set connector = :connector, status = :status
					where inbound_trace.connector is null and excluded.connector is not null""")
			.param("attestation", attestation.id())
			.param("trace", message.traceId())
			.param("partner", attestation.partnerId())
			.param("received", message.received().atOffset(ZoneOffset.UTC))
			.param("status", message.status())
			.param("connector", connector, Types.VARCHAR)
			.param("now", this.clock.instant().atOffset(ZoneOffset.UTC))
			.update();
		if (news == 0) {
			return false;
		}
		Act act = Onboarding.about(Act.of("proof.traced"), this.onboarding.partnerOf(attestation), attestation)
			.by(Actor.system("message-trace"))
			.detail("trace", message.traceId())
			.detail("status", message.status());
		this.audit.append((connector != null) ? act.detail("connector", connector) : act);
		return true;
	}

}
