package org.partnertls.tlscheck;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;

/**
 * What the checks of a partner's watched domain came to, published in the transaction in
 * which it is recorded.
 */
public sealed interface TlsWatchEvent {

	DomainName domain();

	UUID partnerId();

	/**
	 * Mail that demands TLS no longer gets through, as several checks found.
	 *
	 * @param checkId the last of them
	 * @param sentence the worst that it found
	 * @param remedy what to do about it; may be empty
	 */
	record Failing(DomainName domain, UUID partnerId, UUID checkId, String sentence,
			String remedy) implements TlsWatchEvent {
	}

	/**
	 * It gets through again.
	 *
	 * @param checkId which check says so
	 */
	record Recovered(DomainName domain, UUID partnerId, UUID checkId) implements TlsWatchEvent {
	}

	/**
	 * The servers are not those that were approved.
	 *
	 * @param checkId which check says so
	 * @param changes what is different, a sentence each
	 * @param effect what it is expected to do to our connectors, for people
	 * @param approved how the servers were when the connectors were approved, with level
	 * and {@code TlsDomain} of the outbound connector
	 * @param seen how they are now, at the same level: what would be approved next
	 * @param outbound whether mail is expected to get through the outbound connector as
	 * it is
	 * @param tlsDomain the {@code TlsDomain} that would fit all servers as they are now;
	 * nothing when none would
	 */
	record Differs(DomainName domain, UUID partnerId, UUID checkId, List<String> changes, String effect,
			Approved approved, Approved seen, Verdict.Outcome outbound,
			@Nullable String tlsDomain) implements TlsWatchEvent {

		public Differs {
			changes = List.copyOf(changes);
		}

		/**
		 * Whether somebody else runs the servers now, so that what the partner sends may
		 * no longer fit the inbound connector either.
		 */
		public boolean platformChanged() {
			return this.approved.platform() != this.seen.platform();
		}

	}

	/**
	 * A certificate runs out soon; told once for each.
	 *
	 * @param checkId which check saw it
	 * @param host the server that shows it
	 * @param expiresAt when
	 * @param own whether the partner renews it, and no provider
	 */
	record CertificateExpires(DomainName domain, UUID partnerId, UUID checkId, String host, Instant expiresAt,
			boolean own) implements TlsWatchEvent {
	}

}
