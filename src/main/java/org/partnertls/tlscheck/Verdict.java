package org.partnertls.tlscheck;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.Finding.Severity;
import org.partnertls.tlscheck.Report.HostReport;
import org.partnertls.tlscheck.Report.MtaStsFacts;
import org.partnertls.tlscheck.Report.StsRecord;
import org.partnertls.tlscheck.Report.TlsaOutcome;

/**
 * What a report means for enforced TLS: for each level that a connector may demand,
 * whether mail is expected to go through, and every finding with its remedy. A
 * prediction: Exchange Online looks from elsewhere and also asks whether certificates are
 * revoked.
 *
 * @param encryptionOnly the lowest level
 * @param certificateValidation the level that the portal plans with
 * @param domainValidation the highest level
 * @param dane what a connector that demands DANE may expect
 * @param mtaSts whether the domain's own policy protects its mail
 * @param grade how well today's advice is followed
 * @param rules what each rule came to, in their order
 * @param findings what there is to say, the worst first
 */
public record Verdict(LevelVerdict encryptionOnly, LevelVerdict certificateValidation, LevelVerdict domainValidation,
		LevelVerdict dane, LevelVerdict mtaSts, Grade grade, List<RuleResult> rules, List<Finding> findings) {

	public Verdict {
		rules = List.copyOf(rules);
		findings = List.copyOf(findings);
	}

	/**
	 * Judges a report; the same report always gives the same verdict.
	 */
	public static Verdict of(Report report) {
		List<Finding> findings = Findings.of(report).stream().sorted(Comparator.comparing(Finding::severity)).toList();
		List<RuleResult> rules = Arrays.stream(Rule.values())
			.map((rule) -> RuleResult.of(rule, report, findings))
			.toList();
		boolean seen = report.hosts()
			.stream()
			.map(HostReport::addresses)
			.flatMap(List::stream)
			.anyMatch((address) -> address.tls() != null);
		LevelVerdict dane = dane(report, findings, seen);
		LevelVerdict mtaSts = mtaSts(report, findings, seen);
		boolean published = dane.outcome() == Outcome.PASS || mtaSts.outcome() == Outcome.PASS;
		return new Verdict(level(Level.ENCRYPTION_ONLY, findings, seen, null),
				level(Level.CERTIFICATE_VALIDATION, findings, seen, null),
				level(Level.DOMAIN_VALIDATION, findings, seen, TlsDomain.of(report)), dane, mtaSts,
				Grade.of(rules, seen, published), rules,
				findings.stream().filter((finding) -> finding.severity() != Severity.NOT_APPLICABLE).toList());
	}

	/**
	 * The three levels that a connector may demand, in their order.
	 */
	public List<LevelVerdict> levels() {
		return List.of(this.encryptionOnly, this.certificateValidation, this.domainValidation);
	}

	/**
	 * What the domain itself publishes: DANE and MTA-STS.
	 */
	public List<LevelVerdict> policies() {
		return List.of(this.dane, this.mtaSts);
	}

	/**
	 * What one rule came to.
	 */
	public RuleResult rule(Rule rule) {
		return this.rules.stream().filter((result) -> result.rule() == rule).findFirst().orElseThrow();
	}

	/**
	 * One level.
	 */
	public LevelVerdict level(Level level) {
		return switch (level) {
			case ENCRYPTION_ONLY -> this.encryptionOnly;
			case CERTIFICATE_VALIDATION -> this.certificateValidation;
			case DOMAIN_VALIDATION -> this.domainValidation;
			case DANE -> this.dane;
			case MTA_STS -> this.mtaSts;
		};
	}

	private static LevelVerdict dane(Report report, List<Finding> findings, boolean seen) {
		boolean offered = report.hosts()
			.stream()
			.map(HostReport::tlsa)
			.anyMatch((tlsa) -> tlsa != null && tlsa.outcome() == TlsaOutcome.FOUND);
		return offered ? level(Level.DANE, findings, seen, null) : new LevelVerdict(Level.DANE, Outcome.NOT_OFFERED,
				"No signed TLSA records were seen; a connector that demands DANE would hold mail back.", null);
	}

	private static LevelVerdict mtaSts(Report report, List<Finding> findings, boolean seen) {
		MtaStsFacts facts = report.mtaSts();
		if (facts == null || facts.record() == StsRecord.NONE) {
			return new LevelVerdict(Level.MTA_STS, Outcome.NOT_OFFERED, "The domain publishes no policy.", null);
		}
		if (facts.policy() != null && !facts.policy().enforces()) {
			return new LevelVerdict(Level.MTA_STS, Outcome.NOT_OFFERED,
					"The domain's policy does not ask senders to keep mail back.", null);
		}
		return level(Level.MTA_STS, findings, seen, null);
	}

	private static LevelVerdict level(Level level, List<Finding> findings, boolean seen, @Nullable TlsDomain name) {
		if (stopped(level, findings, Severity.FAIL) || stopped(level, findings, Severity.WARN)) {
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
		INCONCLUSIVE("Cannot be said", "wait"),
		/** The domain does not offer it. */
		NOT_OFFERED("Not offered", "idle");

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

}
