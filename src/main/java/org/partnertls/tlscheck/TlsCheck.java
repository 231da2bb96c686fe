package org.partnertls.tlscheck;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;

/**
 * One check of a domain, asked for, running or finished.
 *
 * @param id its id
 * @param domain the mail domain
 * @param askedAt when it was asked for
 * @param askedBy by whom: an account id or the name of a job
 * @param startedAt when it began, the last time it did
 * @param finishedAt when it ended
 * @param progress what it is doing, in one sentence, while it runs
 * @param report what it saw, once it has finished
 */
public record TlsCheck(UUID id, DomainName domain, Instant askedAt, String askedBy, @Nullable Instant startedAt,
		@Nullable Instant finishedAt, @Nullable String progress, @Nullable Report report) {

	/** A check that has not finished by then never will: its job failed for good. */
	static final Duration GIVEN_UP = Duration.ofMinutes(15);

	public boolean finished() {
		return this.report != null;
	}

	/**
	 * Whether it may still finish by itself.
	 * @param now the present time
	 */
	public boolean underWay(Instant now) {
		return !finished() && this.askedAt.plus(GIVEN_UP).isAfter(now);
	}

	/**
	 * What the report means by today's rules; null while there is none.
	 */
	public @Nullable Verdict verdict() {
		return (this.report != null) ? Verdict.of(this.report) : null;
	}

	/**
	 * A name for the part of a page that shows the latest check of this domain, for the
	 * {@code id} of an element.
	 */
	public String anchor() {
		return "tls-check-" + this.domain.ascii().replace('.', '-');
	}

}
