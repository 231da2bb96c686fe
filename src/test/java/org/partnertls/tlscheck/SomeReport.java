package org.partnertls.tlscheck;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

import tools.jackson.databind.json.JsonMapper;

/**
 * A report for whoever needs many, as it is stored.
 */
public final class SomeReport {

	private SomeReport() {
	}

	/** Two servers that do all as they should. */
	public static String stored(String domain, Instant at) {
		Instant until = at.plus(Duration.ofDays(60));
		Report.CertificateFacts certificate = new Report.CertificateFacts("CN=mx." + domain, "CN=Some Authority",
				"0123456789abcdef", at.minus(Duration.ofDays(30)), until, "RSA", 2048, "SHA256withRSA", true, true,
				List.of("mx1." + domain, "mx2." + domain), 0, "mx." + domain, "ab".repeat(32), "cd".repeat(32));
		List<Report.StageReport> stages = Arrays.stream(Report.Stage.values())
			.map((stage) -> new Report.StageReport(stage, Report.StageOutcome.OK, 12, "as it should be"))
			.toList();
		List<Report.HostReport> hosts = List.of("mx1." + domain, "mx2." + domain)
			.stream()
			.map((host) -> new Report.HostReport(host, 10, Report.HostState.RESOLVED, List.of(), 0, null,
					List.of(new Report.AddressReport("192.0.2.1", at, stages,
							new Report.TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", false),
							new Report.ChainFacts(List.of(certificate, certificate), Report.Trust.TRUSTED, "trusted",
									"CN=Some Root", at.minus(Duration.ofDays(30)), until, Report.NameFit.HOST, null),
							List.of("STARTTLS", "PIPELINING", "8BITMIME"),
							"S: 220 " + host + " ESMTP\nC: EHLO portal.example\nS: 250-STARTTLS\nC: STARTTLS\n", null,
							null)),
					null, null))
			.toList();
		return JsonMapper.shared()
			.writeValueAsString(new Report(domain, Report.RULES_VERSION, at.minusSeconds(3), at,
					new Report.MxFinding(Report.MxOutcome.FOUND, List.of(), 0, "127.0.0.1", null, null), hosts, null,
					Report.Depth.DAILY, null, null));
	}

}
