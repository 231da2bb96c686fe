package org.partnertls.tlscheck;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class CertificateNamesTests {

	@ParameterizedTest
	@CsvSource({ "mx.acme.example, mx.acme.example, true", "MX.Acme.Example, mx.acme.example, true",
			"*.acme.example, mx.acme.example, true", "*.acme.example, a.mx.acme.example, false",
			"*.acme.example, acme.example, false", "m*.acme.example, mx.acme.example, false",
			"mx.*.example, mx.acme.example, false", "*.*.example, mx.acme.example, false", "*, mx.acme.example, false",
			"*.example, acme.example, false", "'', mx.acme.example, false", "acme.example, mx.acme.example, false" })
	void aWildcardStandsForExactlyOneWholeLabel(String presented, String reference, boolean matches) {
		assertThat(CertificateNames.matches(presented, reference)).isEqualTo(matches);
	}

}
