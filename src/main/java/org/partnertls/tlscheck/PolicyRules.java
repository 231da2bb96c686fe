package org.partnertls.tlscheck;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.Finding.Severity;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.ChainFacts;
import org.partnertls.tlscheck.Report.DaneOutcome;
import org.partnertls.tlscheck.Report.HostReport;
import org.partnertls.tlscheck.Report.HostState;
import org.partnertls.tlscheck.Report.MtaStsFacts;
import org.partnertls.tlscheck.Report.NameFit;
import org.partnertls.tlscheck.Report.StageOutcome;
import org.partnertls.tlscheck.Report.StageReport;
import org.partnertls.tlscheck.Report.StsPolicy;
import org.partnertls.tlscheck.Report.StsRecord;
import org.partnertls.tlscheck.Report.TlsReportingFacts;
import org.partnertls.tlscheck.Report.Trust;

/**
 * Judges MTA-STS (RFC 8461) and the record for TLS reporting (RFC 8460). Exchange Online
 * follows a policy that enforces, so what breaks one stands in the way at every level;
 * DANE goes before (RFC 8461 section 2).
 */
final class PolicyRules {

	private static final Set<Level> MTA_STS = EnumSet.of(Level.MTA_STS);

	private static final long DAY = 86_400;

	private final Report report;

	private final Findings findings;

	private PolicyRules(Report report, Findings findings) {
		this.report = report;
		this.findings = findings;
	}

	static void judge(Report report, Findings findings) {
		PolicyRules rules = new PolicyRules(report, findings);
		MtaStsFacts facts = report.mtaSts();
		if (facts != null) {
			rules.record(facts);
			rules.fetch(facts);
			rules.change(facts);
			StsPolicy policy = facts.policy();
			if (policy != null) {
				rules.policy(policy);
			}
		}
		TlsReportingFacts reporting = report.tlsReporting();
		if (reporting != null) {
			rules.reporting(reporting);
		}
	}

	private void record(MtaStsFacts facts) {
		switch (facts.record()) {
			case GOOD -> add(Rule.T1, "sts-record", Severity.PASS, Findings.NOTHING, "id " + facts.id(),
					"The domain has an MTA-STS record.", "");
			case SEVERAL -> add(Rule.T1, "sts-record-several", Severity.WARN, MTA_STS, facts.words(),
					"The domain has several MTA-STS records, which counts as none.", "Leave only one of them.");
			case INVALID -> add(Rule.T2, "sts-record-invalid", Severity.WARN, MTA_STS, facts.words(),
					"The domain's MTA-STS record is wrong, which counts as none.",
					"Publish it as v=STSv1; id=1; with an id of up to 32 letters and digits.");
			case NO_ANSWER -> add(Rule.T1, "sts-record-no-answer", Severity.INCONCLUSIVE, MTA_STS, facts.words(),
					"The domain's MTA-STS record could not be looked up.",
					"Check again later; if it stays so, ask whoever runs the domain's DNS.");
			case NONE -> {
			}
		}
	}

	private void fetch(MtaStsFacts facts) {
		switch (facts.fetch()) {
			case FAILED -> add(Rule.T3, "sts-policy-fetch-error", Severity.WARN, MTA_STS, facts.words(),
					"The domain's MTA-STS policy could not be fetched.",
					"See to it that https://mta-sts." + this.report.domain()
							+ "/.well-known/mta-sts.txt answers with status 200 and without redirect.");
			case UNTRUSTED -> add(Rule.T3, "sts-webpki-invalid", Severity.WARN, MTA_STS, facts.words(),
					"The web server with the domain's MTA-STS policy shows a certificate that does not hold.",
					"Install a trusted certificate for mta-sts." + this.report.domain() + ".");
			case INVALID -> add(Rule.T4, "sts-policy-invalid", Severity.WARN, MTA_STS, facts.words(),
					"The domain's MTA-STS policy makes no sense.",
					"Write it with the lines version, mode, max_age and one mx for each mail server.");
			case FETCHED -> contentType(facts.contentType());
			case NOT_TRIED -> {
			}
		}
	}

	private void contentType(@Nullable String type) {
		if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("text/plain")) {
			add(Rule.T3, "sts-content-type", Severity.WARN, Findings.NOTHING, String.valueOf(type),
					"The MTA-STS policy is not delivered as plain text.", "Deliver it as text/plain.");
		}
	}

	private void change(MtaStsFacts facts) {
		MtaStsFacts before = facts.before();
		if (before == null) {
			return;
		}
		if (facts.bodySha256() != null && before.bodySha256() != null && facts.id() != null
				&& facts.id().equals(before.id()) && !facts.bodySha256().equals(before.bodySha256())) {
			add(Rule.T8, "sts-id-stale", Severity.WARN, Findings.NOTHING, "id " + facts.id(),
					"The MTA-STS policy has changed but its id has not, so senders keep to the old one.",
					"Change the id in the MTA-STS record whenever the policy changes.");
		}
		boolean gone = facts.record() == StsRecord.NONE || facts.record() == StsRecord.SEVERAL
				|| facts.record() == StsRecord.INVALID;
		StsPolicy policy = before.policy();
		if (gone && policy != null && policy.enforces() && before.holdsAt(this.report.started())) {
			add(Rule.T9, "sts-policy-vanished", Severity.WARN, Findings.NOTHING, "id " + before.id(),
					"The MTA-STS record is gone while senders still remember its policy; somebody may be tampering with"
							+ " the DNS.",
					"Publish the record again; to end a policy, set its mode to none first.");
		}
	}

	private void policy(StsPolicy policy) {
		switch (policy.mode()) {
			case "enforce" -> add(Rule.T4, "sts-enforce", Severity.PASS, Findings.NOTHING,
					"max_age " + policy.maxAgeSeconds(), "The domain's MTA-STS policy asks senders to demand TLS.", "");
			case "testing" -> add(Rule.T4, "sts-testing", Severity.WARN, Findings.NOTHING, "",
					"The domain's MTA-STS policy is only being tested.",
					"Set its mode to enforce when reports show no failures.");
			default -> add(Rule.T4, "sts-mode-none", Severity.NOT_APPLICABLE, Findings.NOTHING, "",
					"The domain's MTA-STS policy is switched off.", "");
		}
		if (policy.mode().equals("none")) {
			return;
		}
		if (policy.maxAgeSeconds() < DAY) {
			add(Rule.T4, "sts-max-age-short", Severity.WARN, Findings.NOTHING, "max_age " + policy.maxAgeSeconds(),
					"Senders forget the MTA-STS policy within a day, so it hardly protects.",
					"Set max_age to a week (604800) or more.");
		}
		List<HostReport> hosts = this.report.hosts()
			.stream()
			.filter((host) -> host.state() == HostState.RESOLVED)
			.toList();
		boolean anyNamed = hosts.stream().anyMatch((host) -> isNamed(host, policy));
		for (HostReport host : hosts) {
			if (!isNamed(host, policy)) {
				misfit(host, policy, "sts-mx-mismatch", Rule.T6, anyNamed ? MTA_STS : Findings.ALL,
						String.join(", ", policy.mx().subList(0, Math.min(5, policy.mx().size()))),
						"The MTA-STS policy does not name this mail server, so senders that follow it keep away.",
						"Add the server to the policy and change the policy's id.");
			}
			host.addresses().forEach((address) -> certificate(host, address, policy));
		}
	}

	static boolean isNamed(HostReport host, StsPolicy policy) {
		return policy.mx().stream().anyMatch((pattern) -> CertificateNames.matches(pattern, host.name()));
	}

	private void certificate(HostReport host, AddressReport address, StsPolicy policy) {
		if (address.dane() != null && address.dane().outcome() == DaneOutcome.MATCHED) {
			return;
		}
		StageReport failure = address.failure();
		if (failure != null
				&& (failure.outcome() == StageOutcome.NO_STARTTLS || failure.outcome() == StageOutcome.NO_EHLO)) {
			misfit(host, policy, "starttls-not-supported", Rule.T7, Findings.ALL, "",
					"The MTA-STS policy demands TLS, which the mail server does not offer.", "Switch STARTTLS on.");
		}
		ChainFacts chain = address.chain();
		if (chain == null || address.tls() == null) {
			return;
		}
		if (chain.trust() != Trust.TRUSTED && chain.trust() != Trust.NOT_CHECKED) {
			misfit(host, policy, "certificate-not-trusted", Rule.T7, Findings.ALL, Findings.shown(chain),
					"The MTA-STS policy demands a trusted certificate, which the mail server does not have.",
					"Install a certificate from a publicly trusted authority, with its intermediates.");
		}
		else if (address.started().isAfter(chain.validUntil())) {
			misfit(host, policy, "certificate-expired", Rule.T7, Findings.ALL, Findings.shown(chain),
					"The MTA-STS policy demands a valid certificate; the mail server's has expired.",
					"Install a renewed certificate.");
		}
		else if (chain.name() != NameFit.HOST) {
			misfit(host, policy, "certificate-host-mismatch", Rule.T7, Findings.ALL, Findings.shown(chain),
					"The MTA-STS policy demands a certificate for the name of the mail server.",
					"Install a certificate for the name that the MX record has.");
		}
	}

	/**
	 * What does not fit stops mail while the policy enforces and is a warning while it is
	 * tested.
	 */
	private void misfit(HostReport host, StsPolicy policy, String code, Rule rule, Set<Level> stops, String fact,
			String sentence, String remedy) {
		this.findings.add(rule, code, policy.enforces() ? Severity.FAIL : Severity.WARN,
				policy.enforces() ? stops : MTA_STS, host, fact, sentence, remedy);
	}

	private void reporting(TlsReportingFacts facts) {
		switch (facts.record()) {
			case GOOD -> add(Rule.R1, "tlsrpt-record", Severity.PASS, Findings.NOTHING,
					String.join(", ", facts.addresses()), "The domain asks for reports about TLS (TLS-RPT).", "");
			case SEVERAL,
					INVALID ->
				add(Rule.R1, "tlsrpt-record-invalid", Severity.WARN, Findings.NOTHING, facts.words(),
						"The domain's record for reports about TLS is wrong, so nobody sends any.",
						"Publish one record v=TLSRPTv1; rua=mailto:tls-reports@" + this.report.domain() + ".");
			case NONE, NO_ANSWER -> {
			}
		}
	}

	private void add(Rule rule, String code, Severity severity, Set<Level> stops, String fact, String sentence,
			String remedy) {
		this.findings.add(rule, code, severity, stops, null, fact, sentence, remedy);
	}

}
