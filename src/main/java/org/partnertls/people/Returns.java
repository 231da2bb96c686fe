package org.partnertls.people;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.partnertls.header.FetchResult;
import org.partnertls.header.FetchedMessage;
import org.partnertls.header.TestMailbox;
import org.partnertls.mail.MailProperties;
import org.partnertls.mail.Outbox;
import org.partnertls.mail.ReturnReport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Reads what came back of our own letters in the test mailbox, where they are told to
 * come back to it.
 */
@Component
class Returns {

	private static final Logger log = LoggerFactory.getLogger(Returns.class);

	/** Servers give up within days; what was read before changes nothing again. */
	private static final Duration BACK = Duration.ofDays(2);

	private final TestMailbox mailbox;

	private final MailProperties settings;

	private final Outbox outbox;

	private final TransactionTemplate transaction;

	private final Clock clock;

	Returns(TestMailbox mailbox, MailProperties settings, Outbox outbox, TransactionTemplate transaction, Clock clock) {
		this.mailbox = mailbox;
		this.settings = settings;
		this.outbox = outbox;
		this.transaction = transaction;
		this.clock = clock;
	}

	/** Looks now. Uses the network: call it with no transaction open. */
	void look() {
		if (this.settings.returnsTo() == null || !this.mailbox.configured()) {
			return;
		}
		switch (this.mailbox.fetchReports(this.clock.instant().minus(BACK))) {
			case FetchResult.Failed failed -> log.warn("Messages that came back could not be read: {}", failed.why());
			case FetchResult.Fetched fetched -> fetched.messages().forEach(this::take);
		}
	}

	private void take(FetchedMessage message) {
		Optional<ReturnReport> report = ReturnReport.read(message.source());
		report.ifPresent((read) -> this.transaction
			.executeWithoutResult((status) -> this.outbox.returned(read, message.received())));
	}

	@Configuration(proxyBeanMethods = false)
	static class Job {

		@Bean
		RecurringTask<Void> mailReturns(Returns returns) {
			return Tasks.recurring("mail-returns", FixedDelay.of(Duration.ofMinutes(5)))
				.execute((instance, context) -> returns.look());
		}

	}

}
