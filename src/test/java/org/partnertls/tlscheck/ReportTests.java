package org.partnertls.tlscheck;

import java.io.IOException;
import java.io.InputStream;

import lab.PartnerMailServer.Fault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.partnertls.tlscheck.Finding.Severity;
import org.partnertls.tlscheck.Verdict.LevelVerdict;
import org.partnertls.tlscheck.Verdict.Outcome;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

class ReportTests {

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.INCLUDE, names = { "NONE", "EXPIRED", "NO_STARTTLS", "BINARY_JUNK" })
	void aReportSurvivesJsonAndIsJudgedAlike(Fault fault) {
		try (Neighbourhood neighbours = new Neighbourhood()) {
			Report report = neighbours.checkWith(fault);
			JsonMapper json = JsonMapper.builder().build();
			Report read = json.readValue(json.writeValueAsString(report), Report.class);
			assertThat(read).isEqualTo(report);
			assertThat(Verdict.of(read)).isEqualTo(Verdict.of(report));
		}
	}

	@Test
	void aReportOfTheFirstRulesIsStillReadAndJudged() throws IOException {
		try (InputStream kept = ReportTests.class.getResourceAsStream("report-of-rules-1.json")) {
			Report read = JsonMapper.builder().build().readValue(kept, Report.class);
			assertThat(read.rulesVersion()).isEqualTo(1);
			Verdict verdict = Verdict.of(read);
			assertThat(verdict.levels()).extracting(LevelVerdict::outcome).containsOnly(Outcome.FAIL);
			assertThat(verdict.findings()).extracting(Finding::code)
				.contains("certificate-expired", "starttls-not-supported");
			assertThat(verdict.rule(Rule.D1).severity()).isEqualTo(Severity.NOT_APPLICABLE);
			assertThat(verdict.policies()).extracting(LevelVerdict::outcome).containsOnly(Outcome.NOT_OFFERED);
		}
	}

}
