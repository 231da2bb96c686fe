package org.partnertls.request;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.partnertls.request.ImportFile.Column;
import org.partnertls.request.ImportFile.Line;
import org.partnertls.request.ImportFile.Unreadable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ImportFileTests {

	private static final String HEAD = "organisation,domain,contact name,contact address\n";

	@ParameterizedTest
	@ValueSource(strings = { "organisation,domain,contact name,contact address\nAcme,acme.example,Ann,ann@acme.example",
			"\uFEFForganisation;domain;contact name;contact address\r\nAcme;acme.example;Ann;ann@acme.example\r\n",
			"\n\nEmail;Contact;DOMAIN;notes;Company\n;;;;\nann@acme.example; Ann ;acme.example;\"a;b\nc\"; Acme\n",
			"\"organisation\",\"mail_domain\",\"contact_name\",\"E-Mail\"\n\"Acme\",acme.example,Ann,ann@acme.example" })
	void readsWhatSpreadsheetsWrite(String text) {
		List<Line> lines = ImportFile.read(text.getBytes(StandardCharsets.UTF_8));
		assertThat(lines).singleElement().satisfies((line) -> {
			assertThat(line.cell(Column.ORGANISATION)).isEqualTo("Acme");
			assertThat(line.cell(Column.DOMAIN)).isEqualTo("acme.example");
			assertThat(line.cell(Column.CONTACT_NAME)).isEqualTo("Ann");
			assertThat(line.cell(Column.CONTACT_ADDRESS)).isEqualTo("ann@acme.example");
			assertThat(line.tooMany()).isFalse();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "language", "Sprache", "contact_language" })
	void readsTheLanguageUnderEachOfItsTitles(String title) {
		String file = HEAD.strip() + "," + title + "\nA,a.example,A,a@a.example, de \nB,b.example,B,b@b.example";
		assertThat(ImportFile.read(file)).extracting((line) -> line.cell(Column.LANGUAGE)).containsExactly("de", "");
	}

	@Test
	void numbersLinesAsAnEditorDoes() {
		List<Line> lines = ImportFile.read(HEAD + "\"two\nlines\",a.example,A,a@a.example\nB,b.example,B,b@b.example");
		assertThat(lines).extracting(Line::number).containsExactly(2, 4);
	}

	@Test
	void seesCellsThatNoColumnNames() {
		assertThat(ImportFile.read(HEAD + "A,a.example,A,a@a.example,more").getFirst().tooMany()).isTrue();
		assertThat(ImportFile.read(HEAD + "A,a.example").getFirst().cell(Column.CONTACT_ADDRESS)).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "UTF-16", "UTF-16LE", "windows-1252" })
	void refusesOtherEncodingsInsteadOfGuessing(String encoding) {
		refused((HEAD + "Müller,mueller.example,Ann,ann@mueller.example").getBytes(Charset.forName(encoding)),
				"not text in UTF-8");
	}

	@Test
	void refusesWhatIsNoListOfPartners() {
		refused(new byte[0], "Choose a CSV file");
		refused(HEAD.getBytes(StandardCharsets.UTF_8), "no rows below its head");
		refused("name;place\nAcme;Rome".getBytes(StandardCharsets.UTF_8), "Missing: “organisation”, “domain”");
		refused(("domain," + HEAD + "a,b,c,d").getBytes(StandardCharsets.UTF_8), "“domain” is there twice");
		refused((HEAD + "A,a.example,\"open,a@a.example\nB,b").getBytes(StandardCharsets.UTF_8), "not closed");
		refused(new byte[] { (byte) 0x89, 'P', 'N', 'G', 0, 0, 1 }, "not text in UTF-8");
	}

	@Test
	void refusesTooManyBytesAndRowsBeforeReadingThem() {
		byte[] line = new byte[100_000_000];
		java.util.Arrays.fill(line, (byte) 'a');
		refused(line, "larger than 1 MB");
		refused((HEAD + "A,a.example,A,a@a.example\n".repeat(ImportFile.MOST_ROWS + 1))
			.getBytes(StandardCharsets.UTF_8), "more than 2,000 rows");
		assertThat(ImportFile.read(HEAD + "A,a.example,A,a@a.example\n".repeat(ImportFile.MOST_ROWS)))
			.hasSize(ImportFile.MOST_ROWS);
		assertThat(ImportFile.read(HEAD + "a".repeat(900_000) + ",a.example,A,a@a.example")
			.getFirst()
			.cell(Column.ORGANISATION)).hasSize(900_000);
	}

	private static void refused(byte[] bytes, String words) {
		assertThatExceptionOfType(Unreadable.class).isThrownBy(() -> ImportFile.read(bytes))
			.withMessageContaining(words);
	}

}
