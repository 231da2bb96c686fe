package org.partnertls.audit;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Period;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the history is sealed, and to whom its checkpoints are given.
 *
 * @param signingKey signs checkpoints: an Ed25519 private key as PKCS#8 in PEM, or the
 * path of a file that holds it; {@code java -jar portal.jar audit new-key} makes one.
 * Without it the history is sealed but nothing is signed, and pages and health say so
 * @param origin names this history in its checkpoints; optional, by default the host of
 * {@code organization.base-url} and {@code /history}. Never change it once checkpoints
 * were handed out
 * @param earlierKeys verification keys ({@code name+id+key}) of signing keys used before
 * @param sealInterval how long events wait at most before they are sealed and signed
 * @param sealShift how long one instance goes on sealing before another may; {@code 0s}
 * is once
 * @param handOutInterval how often the newest checkpoint is written to the log and to
 * {@code hand-out-file}, if anything happened
 * @param handOutFile a file outside the database that checkpoints are appended to, best
 * on storage that cannot be rewritten; optional
 * @param mailInterval how often the newest checkpoint is mailed to
 * {@code mail.compliance}, if anything happened
 * @param keepAccess after how long events of class access (sign-ins, looks at the
 * history) are due to leave for an archive by {@code audit archive --due}; optional, and
 * without it they stay
 * @param keepOperation the same for the portal's daily work: mail, jobs, single checks
 * @param keepRecord the same for everything else, of which evidence is made
 */
@ConfigurationProperties("portal.audit")
public record AuditProperties(@Nullable String signingKey, @Nullable String origin,
		@DefaultValue List<String> earlierKeys, @DefaultValue("250ms") Duration sealInterval,
		@DefaultValue("1m") Duration sealShift, @DefaultValue("1h") Duration handOutInterval,
		@Nullable Path handOutFile, @DefaultValue("24h") Duration mailInterval, @Nullable Period keepAccess,
		@Nullable Period keepOperation, @Nullable Period keepRecord) {

	public AuditProperties {
		if (origin != null && !origin.isBlank() && !VerifierKey.isName(origin)) {
			throw new IllegalArgumentException("portal.audit.origin must be one word without “+”, for example"
					+ " portal.contoso.example/history, but is “" + origin + "”.");
		}
		if (signingKey != null && !signingKey.isBlank()) {
			read(signingKey);
		}
		earlierKeys = List.copyOf(earlierKeys);
		for (String key : earlierKeys) {
			try {
				VerifierKey.of(key);
			}
			catch (IllegalArgumentException ex) {
				throw new IllegalArgumentException("portal.audit.earlier-keys: " + ex.getMessage(), ex);
			}
		}
		atLeast("seal-interval", sealInterval, Duration.ofMillis(10));
		atLeast("seal-shift", sealShift, Duration.ZERO);
		atLeast("hand-out-interval", handOutInterval, Duration.ofSeconds(1));
		atLeast("mail-interval", mailInterval, Duration.ofSeconds(1));
		atLeastAMonth("keep-access", keepAccess);
		atLeastAMonth("keep-operation", keepOperation);
		atLeastAMonth("keep-record", keepRecord);
	}

	private static void atLeastAMonth(String key, @Nullable Period value) {
		if (value != null && value.toTotalMonths() < 1) {
			throw new IllegalArgumentException(
					"portal.audit." + key + " must be at least a month, such as P1M or P2Y, but is " + value + ".");
		}
	}

	/** How long events of a class stay in the database; null: for ever. */
	@Nullable Period keep(Keeping keeping) {
		return switch (keeping) {
			case ACCESS -> this.keepAccess;
			case OPERATION -> this.keepOperation;
			case RECORD -> this.keepRecord;
		};
	}

	private static void atLeast(String key, Duration value, Duration least) {
		if (value.compareTo(least) < 0) {
			throw new IllegalArgumentException(
					"portal.audit." + key + " must be at least " + least.toMillis() + "ms, but is " + value + ".");
		}
	}

	private static void read(String signingKey) {
		try {
			SigningKey.of("portal", signingKey);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException("portal.audit.signing-key: " + ex.getMessage() + ".", ex);
		}
	}

	/** Never shows the key. */
	@Override
	public String toString() {
		return "AuditProperties[origin=" + this.origin + "]";
	}

}
