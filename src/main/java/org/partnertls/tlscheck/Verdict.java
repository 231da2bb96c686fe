package org.partnertls.tlscheck;

import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.Finding.Severity;
import org.partnertls.tlscheck.Report.HostReport;

/**
 * What a report means for enforced TLS: for each level that a connector may demand,
 * whether mail is expected to go through, and every finding with its remedy. A
 * prediction: Exchange Online looks from elsewhere and also asks whether certificates are
 * revoked.
 *
 * @param encryptionOnly the lowest level
 * @param certificateValidation the level that the portal plans with
 * @param domainValidation the highest level
 * @param findings the worst first
 */
public record Verdict(LevelVerdict encryptionOnly, LevelVerdict certificateValidation, LevelVerdict domainValidation,
		List<Finding> findings) {

	public Verdict {
		findings = List.copyOf(findings);
	}

	/**
	 * Judges a report; the same report always gives the same verdict.
	 */
	public static Verdict of(Report report) {
		List<Finding> findings = Findings.of(report).stream().sorted(Comparator.comparing(Finding::severity)).toList();
		boolean seen = report.hosts()
			.stream()
			.map(HostReport::addresses)
			.flatMap(List::stream)
			.anyMatch((address) -> address.tls() != null);
		TlsDomain name = TlsDomain.of(report);
		return new Verdict(level(Level.ENCRYPTION_ONLY, findings, seen, null),
				level(Level.CERTIFICATE_VALIDATION, findings, seen, null),
				level(Level.DOMAIN_VALIDATION, findings, seen, name), findings);
	}

	/**
	 * The three levels in their order.
	 */
	public List<LevelVerdict> levels() {
		return List.of(this.encryptionOnly, this.certificateValidation, this.domainValidation);
	}

	/**
	 * One level.
	 */
	public LevelVerdict level(Level level) {
		return switch (level) {
			case ENCRYPTION_ONLY -> this.encryptionOnly;
			case CERTIFICATE_VALIDATION -> this.certificateValidation;
			case DOMAIN_VALIDATION -> this.domainValidation;
		};
	}

	private static LevelVerdict level(Level level, List<Finding> findings, boolean seen, @Nullable TlsDomain name) {
		if (stopped(level, findings, Severity.FAIL)) {
			return new LevelVerdict(level, Outcome.FAIL, "Mail would be held back or returned at this level.", null);
		}
		if (!seen || stopped(level, findings, Severity.INCONCLUSIVE)) {
			return new LevelVerdict(level, Outcome.INCONCLUSIVE, "Not everything could be checked.", null);
		}
		return (name != null) ? byName(level, name)
				: new LevelVerdict(level, Outcome.PASS, "Mail is expected to pass at this level.", null);
	}

	private static LevelVerdict byName(Level level, TlsDomain name) {
		return switch (name) {
			case TlsDomain.Fits fits -> new LevelVerdict(level, Outcome.PASS,
					"Mail is expected to pass with the certificate name " + fits.name() + ".", fits.name());
			case TlsDomain.Unsure unsure -> new LevelVerdict(level, Outcome.INCONCLUSIVE,
					"It is not documented whether the certificate name " + unsure.name() + " would fit all servers.",
					null);
			case TlsDomain.Impossible impossible -> new LevelVerdict(level, Outcome.FAIL,
					"The servers' certificates have no name in common that a connector could demand.", null);
		};
	}

	private static boolean stopped(Level level, List<Finding> findings, Severity severity) {
		return findings.stream()
			.anyMatch((finding) -> finding.severity() == severity && finding.stops().contains(level));
	}

	/**
	 * What is expected at one level.
	 *
	 * @param level which
	 * @param outcome whether mail is expected to pass
	 * @param sentence in words
	 * @param tlsDomain the {@code TlsDomain} that fits every server, at the highest level
	 * when it passes
	 */
	public record LevelVerdict(Level level, Outcome outcome, String sentence, @Nullable String tlsDomain) {

	}

	/**
	 * Whether mail is expected to pass.
	 */
	public enum Outcome {

		/** It is. */
		PASS("Expected to pass", "good"),
		/** It is not. */
		FAIL("Would fail", "bad"),
		/** Cannot be said. */
		INCONCLUSIVE("Cannot be said", "wait");

		private final String words;

		private final String tone;

		Outcome(String words, String tone) {
			this.words = words;
			this.tone = tone;
		}

		/** For people. */
		public String words() {
			return this.words;
		}

		/** The tone of a page that goes with it. */
		public String tone() {
			return this.tone;
		}

	}

	/**
	 * All levels from one on.
	 */
	static Set<Level> from(Level lowest) {
		return EnumSet.range(lowest, Level.DOMAIN_VALIDATION);
	}

}
