package org.partnertls.mail;

import jakarta.validation.constraints.NotNull;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Outgoing messages; the server itself is set with {@code spring.mail.*}.
 *
 * @param from the sender of every message
 * @param administrators who is told that a request waits, of alarms and once a day of all
 * that waits, usually a shared mailbox; empty: nobody
 * @param compliance who is told of relief and overdue checks; empty: nobody
 * @param returnsTo where messages come back to that cannot be delivered (the envelope's
 * sender); the test mailbox or a plus-address of it, so that the portal reads them;
 * empty: the sender
 * @param digestHour at which hour, in the organisation's zone, {@code administrators} get
 * a letter with all that waits; once a day, and only if something does
 */
@Validated
@ConfigurationProperties("portal.mail")
public record MailProperties(@NotNull EmailAddress from, @Nullable EmailAddress administrators,
		@Nullable EmailAddress compliance, @Nullable EmailAddress returnsTo, @DefaultValue("7") int digestHour) {

	public MailProperties {
		if (digestHour < 0 || digestHour > 23) {
			throw new IllegalArgumentException("portal.mail.digest-hour must be a number from 0 to 23.");
		}
	}

}
