package org.partnertls.tlscheck;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.Finding.Severity;
import org.partnertls.tlscheck.Report.CertificateFacts;
import org.partnertls.tlscheck.Report.HostReport;

/**
 * What a check came to for a watched domain: the few values that lists and the state of
 * the domain go by.
 *
 * @param outcome at the level that the outbound connector demands
 * @param forcedTls at the lowest level
 * @param hard whether it fails by something that is no matter of chance
 * @param sentence the worst that was found
 * @param expiresAt when the first certificate on the way runs out
 * @param expiringFrom from when on one wants to be renewed
 * @param platform who runs the servers
 */
record Outcomes(Verdict.Outcome outcome, Verdict.Outcome forcedTls, boolean hard, String sentence,
		@Nullable Instant expiresAt, @Nullable Instant expiringFrom, MxPlatform platform) {

	/** Nothing to do with the network or a busy server. */
	private static final Set<String> HARD = Set.of("certificate-expired", "certificate-revoked", "mx-null");

	private static final Duration WARN_AT_MOST = Duration.ofDays(14);

	static Outcomes of(Report report, Verdict verdict, Level level, @Nullable Approved approved) {
		Verdict.Outcome outcome = (approved != null) ? approved.outcome(report, verdict)
				: verdict.level(level).outcome();
		boolean hard = verdict.findings()
			.stream()
			.anyMatch((finding) -> finding.severity() == Severity.FAIL && HARD.contains(finding.code())
					&& finding.stops().contains(level));
		String sentence = verdict.findings()
			.stream()
			.filter((finding) -> finding.severity() != Severity.PASS)
			.findFirst()
			.map(Finding::sentence)
			.orElse("Nothing is wrong.");
		return new Outcomes(outcome, verdict.encryptionOnly().outcome(), hard, sentence,
				chains(report).map(Report.ChainFacts::validUntil).min(Comparator.naturalOrder()).orElse(null),
				leaves(report).map(Outcomes::expiringFrom).min(Comparator.naturalOrder()).orElse(null),
				MxPlatform.of(report.hosts().stream().map(HostReport::name).toList()));
	}

	private static Stream<Report.ChainFacts> chains(Report report) {
		return report.hosts()
			.stream()
			.map(HostReport::addresses)
			.flatMap(List::stream)
			.map(Report.AddressReport::chain)
			.filter(Objects::nonNull);
	}

	private static Stream<CertificateFacts> leaves(Report report) {
		return chains(report).map(Report.ChainFacts::leaf);
	}

	/**
	 * When a fifth of a certificate's life is left, and at most 14 days.
	 */
	static Instant expiringFrom(CertificateFacts leaf) {
		Duration fifth = Duration.between(leaf.notBefore(), leaf.notAfter()).dividedBy(5);
		return leaf.notAfter().minus((fifth.compareTo(WARN_AT_MOST) < 0) ? fifth : WARN_AT_MOST);
	}

}
