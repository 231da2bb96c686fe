package org.partnertls.tlscheck;

import lab.PartnerMailServer.Fault;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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

}
