package org.partnertls.onboarding;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.connector.Connectors;
import org.partnertls.header.Boundary;
import org.partnertls.header.FetchResult;
import org.partnertls.header.FetchedMessage;
import org.partnertls.header.InboundProof;
import org.partnertls.header.TestMailbox;
import org.partnertls.header.TestMessage;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.Partner;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The proof of the way from a partner to us: their test message, fetched from our own
 * mailbox, told by its nonce, judged by the hop that counts. What staff paste counts too;
 * what a partner pastes is kept as unverified and starts nothing.
 */
@Component
class TestMessages {

	private final TestMailbox mailbox;

	private final Attestations attestations;

	private final Proofs proofs;

	private final Onboarding onboarding;

	private final Connectors connectors;

	private final OrganizationProperties organization;

	private final EvidenceProperties settings;

	private final AuditLog audit;

	private final TransactionTemplate transaction;

	private final Clock clock;

	TestMessages(TestMailbox mailbox, Attestations attestations, Proofs proofs, Onboarding onboarding,
			Connectors connectors, OrganizationProperties organization, EvidenceProperties settings, AuditLog audit,
			TransactionTemplate transaction, Clock clock) {
		this.mailbox = mailbox;
		this.attestations = attestations;
		this.proofs = proofs;
		this.onboarding = onboarding;
		this.connectors = connectors;
		this.organization = organization;
		this.settings = settings;
		this.audit = audit;
		this.transaction = transaction;
		this.clock = clock;
	}

	boolean fetches() {
		return this.mailbox.configured();
	}

	/** Where a partner sends their test message; null when there is no test mailbox. */
	@Nullable String addressFor(Attestation attestation) {
		return (this.mailbox.address() != null) ? this.mailbox.addressFor(attestation.nonce()).toString() : null;
	}

	/**
	 * Looks into the mailbox now. No transaction is open meanwhile.
	 * @return what went wrong, in words for staff; null when all is well
	 */
	@Nullable String look() {
		Instant fresh = this.clock.instant().minus(this.settings.fresh());
		Optional<Instant> since = this.attestations.earliestOpened(fresh);
		if (since.isEmpty() || !this.mailbox.configured()) {
			return null;
		}
		// Older messages prove nothing, however long a pass has been open.
		return switch (this.mailbox.fetch(since.get().isAfter(fresh) ? since.get() : fresh)) {
			case FetchResult.Failed failed -> failed.why();
			case FetchResult.Fetched fetched -> {
				fetched.messages().forEach(this::take);
				yield null;
			}
		};
	}

	private void take(FetchedMessage message) {
		InboundProof read = InboundProof.read(message.source(), boundary());
		TestMessage.Nonce nonce = nonce(read);
		if (nonce == null) {
			return;
		}
		this.transaction.executeWithoutResult((status) -> this.attestations.findByNonce(nonce.value())
			.filter((attestation) -> !message.received().isBefore(attestation.openedAt().minus(Duration.ofMinutes(5))))
			.ifPresent((attestation) -> keep(attestation, Proof.Source.MAILBOX, message.id(), read, message.received(),
					Actor.system("test-mailbox"))));
	}

	/** Staff read a message for a partner. */
	Proof pastedByStaff(UUID attestationId, byte[] source) {
		return pasted(attestationId, Proof.Source.STAFF, source);
	}

	/** A partner pastes the headers: kept, shown as unverified. */
	Proof pastedByPartner(UUID attestationId, byte[] source) {
		return pasted(attestationId, Proof.Source.PARTNER, source);
	}

	private Proof pasted(UUID attestationId, Proof.Source by, byte[] source) {
		InboundProof read = InboundProof.read(source, boundary());
		Proof kept = this.transaction.execute((status) -> {
			Attestation attestation = this.attestations.findById(attestationId).orElseThrow(NotFound::new);
			return keep(attestation, by, hash(source), read, null, null);
		});
		if (kept == null) {
			throw new IllegalStateException("the transaction kept no proof");
		}
		return kept;
	}

	private Proof keep(Attestation attestation, Proof.Source source, String key, InboundProof read,
			@Nullable Instant received, @Nullable Actor actor) {
		Instant now = this.clock.instant();
		Judged judged = judge(attestation, source, read, received, now);
		Proof proof = new Proof(attestation, source, key, judged.encrypted(), judged.sentence(), judged.hop(),
				judged.at(), now);
		this.proofs.oneAfterTheOther(key);
		if (this.proofs.existsByAttestationIdAndSourceAndMessageKey(attestation.id(), source, key)) {
			return proof;
		}
		this.proofs.save(proof);
		Partner partner = this.onboarding.partnerOf(attestation);
		Act act = Onboarding.about(Act.of("proof.inbound"), partner, attestation)
			.detail("source", source.name())
			.detail("result", judged.sentence());
		if (!Boolean.TRUE.equals(judged.encrypted())) {
			act.failed();
		}
		this.audit.append((actor != null) ? act.by(actor) : act);
		if (proof.proves()) {
			this.connectors.proven(partner.id(), proof.at(), this.settings.observation(),
					this.settings.announcedHour());
		}
		return proof;
	}

	private Judged judge(Attestation attestation, Proof.Source source, InboundProof read, @Nullable Instant received,
			Instant now) {
		if (!(read instanceof InboundProof.Seen seen)) {
			return new Judged(null, read.sentence(), null, received);
		}
		// The mailbox's own clock counts where we fetched the message; in pasted headers
		// the time in the line of our server.
		Instant at = (received != null) ? received : seen.hop().time();
		TestMessage.Nonce nonce = seen.message().nonce();
		if (source == Proof.Source.STAFF && (nonce == null || !nonce.value().equals(attestation.nonce()))) {
			return new Judged(null,
					"This message did not go to this partner's test address, so it proves nothing here.",
					seen.hop().raw(), at);
		}
		if (at == null || at.isBefore(attestation.openedAt().minus(Duration.ofMinutes(5)))
				|| at.isAfter(now.plus(Duration.ofMinutes(10))) || !TaskList.isFresh(at, now, this.settings.fresh())) {
			return new Judged(null, "This message is not from the time of this task list, so it proves nothing now.",
					seen.hop().raw(), at);
		}
		DomainName sender = (seen.message().envelopeDomain() != null) ? seen.message().envelopeDomain()
				: seen.message().fromDomain();
		if (sender == null || this.onboarding.partnerOf(attestation)
			.domains()
			.stream()
			.noneMatch((domain) -> sender.equals(domain.name()))) {
			return new Judged(null, "This message came from " + ((sender != null) ? sender : "an unknown domain")
					+ ", which is none of the mail domains in this task list.", seen.hop().raw(), at);
		}
		boolean good = seen.tls().isEncrypted() && seen.tls() != org.partnertls.header.Tls.LEGACY;
		return new Judged(good, seen.sentence(), seen.hop().raw(), at);
	}

	private Boundary boundary() {
		return new Boundary(this.organization.mxNames(), this.mailbox.address());
	}

	private static TestMessage.@Nullable Nonce nonce(InboundProof read) {
		return switch (read) {
			case InboundProof.Seen seen -> seen.message().nonce();
			case InboundProof.CannotTell unclear -> unclear.message().nonce();
			case InboundProof.Unreadable _ -> null;
		};
	}

	private static String hash(byte[] source) {
		try {
			return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(source));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("every Java platform has SHA-256", ex);
		}
	}

	static byte[] bytes(String pasted) {
		return pasted.getBytes(StandardCharsets.UTF_8);
	}

	private record Judged(@Nullable Boolean encrypted, String sentence, @Nullable String hop, @Nullable Instant at) {
	}

	@Configuration(proxyBeanMethods = false)
	static class Job {

		@Bean
		RecurringTask<Void> testMailboxTask(TestMessages messages) {
			return Tasks.recurring("test-mailbox", FixedDelay.ofSeconds(30)).execute((instance, context) -> {
				String problem = messages.look();
				if (problem != null) {
					throw new IllegalStateException(problem);
				}
			});
		}

	}

}
