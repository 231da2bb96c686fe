package org.partnertls.organization;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class CsvTests {

	@ParameterizedTest
	@ValueSource(strings = { "=1+1", "+1", "-1", "@SUM(A1)", "|calc", " =1+1", "\t=1+1", "\r=1", "\n=1", "\u0000=1",
			"＝1+1", "\u2003=1+1", "\tplain" })
	void whatASpreadsheetWouldCalculateBecomesText(String cell) {
		assertThat(Csv.safe(cell)).isEqualTo("'" + cell);
		assertThat(Csv.plain(Csv.safe(cell))).isEqualTo(cell);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "plain", "a=b", "it@example.com", "10-11", " plain", "'s-Hertogenbosch AG", "'" })
	void whatIsPlainStaysAsItIs(String cell) {
		assertThat(Csv.safe(cell)).isEqualTo(cell);
		assertThat(Csv.plain(cell)).isEqualTo(cell);
	}

	@Test
	void writesLinesThatEveryReaderUnderstands() throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		try (Csv csv = Csv.to(out, "name", "count")) {
			csv.line("Müller \"& Söhne\", Köln", 3);
			csv.line(null, "=2");
			assertThat(csv.lines()).isEqualTo(2);
		}
		assertThat(out.toString(StandardCharsets.UTF_8))
			.isEqualTo("name,count\r\n\"Müller \"\"& Söhne\"\", Köln\",3\r\n,'=2\r\n");
	}

}
