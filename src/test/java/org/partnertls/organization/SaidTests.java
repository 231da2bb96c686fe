package org.partnertls.organization;

import java.util.Locale;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Finished English texts are found again by the units that they were made from.
 */
class SaidTests {

	@Test
	void knowsASentenceAsItStands() {
		assertThat(german("The mail server refuses connections.")).isEqualTo("Der Mailserver lehnt Verbindungen ab.");
	}

	@Test
	void putsValuesWhereTheGermanWantsThem() {
		assertThat(german("mx1.acme.example shows another certificate, valid until 2027-03-31."))
			.isEqualTo("mx1.acme.example zeigt ein anderes Zertifikat, gültig bis 2027-03-31.");
	}

	@Test
	void aValueMayBeATextOfOursWithValuesItself() {
		assertThat(german("The mail server put us off after STARTTLS: 451 try later."))
			.isEqualTo("Der Mailserver hat uns vertröstet nach STARTTLS: 451 try later.");
		assertThat(german("The certificate of an intermediate authority expires on 3 March 2027, in 12 days."))
			.isEqualTo("Das Zertifikat einer Zwischenzertifizierungsstelle läuft am 3. März 2027 ab (noch 12 Tage).");
	}

	@Test
	void readsSentencesOneByOneAndLeavesOthersAsTheyAre() {
		assertThat(german("New mail servers: mx9.acme.example. No longer named: mx1.acme.example.\n"
				+ "Our outbound connector follows the MX record; whether it gets through cannot be said yet."))
			.isEqualTo("Neue Mailserver: mx9.acme.example. Nicht mehr genannt: mx1.acme.example.\n"
					+ "Unser ausgehender Konnektor folgt dem MX-Eintrag; ob er durchkommt, lässt sich noch nicht sagen.");
		assertThat(german("Approved. The push begins within seconds. Ines wrote something of her own."))
			.isEqualTo("Genehmigt. Die Übertragung beginnt in wenigen Sekunden. Ines wrote something of her own.");
	}

	@Test
	void aWordMayEndASentence() {
		assertThat(german("Approved the connectors.")).isEqualTo("Konnektoren genehmigt.");
		assertThat(german("Create \"To acme.example\", switched off"))
			.isEqualTo("„To acme.example“ anlegen, ausgeschaltet");
	}

	@Test
	void theCaseOfTheFirstLetterIsThatOfThePlace() {
		assertThat(german("Always uses TLS")).isEqualTo("Verwendet immer TLS");
		assertThat(german("always uses TLS")).isEqualTo("verwendet immer TLS");
	}

	@Test
	void leavesWhatPeopleWrite() {
		assertThat(Said.find(Locale.GERMAN, "We need this for the merger with Contoso.")).isNull();
		assertThat(Said.find(Locale.GERMAN, "From next week on we send by another gateway")).isNull();
		assertThat(Said.find(Locale.GERMAN, "Change it there.")).isNull();
		assertThat(Said.find(Locale.GERMAN, "a: b")).isNull();
		assertThat(Said.find(Locale.GERMAN, "")).isNull();
		assertThat(Said.find(Locale.GERMAN, ". ".repeat(5_000))).isNull();
	}

	@Test
	void englishStaysEnglish() {
		assertThat(Said.in(Locale.ENGLISH, "The mail server refuses connections."))
			.isEqualTo("The mail server refuses connections.");
		assertThat(Said.in(Locale.UK, "Always uses TLS")).isEqualTo("Always uses TLS");
	}

	private static String german(String english) {
		return Said.in(Locale.GERMAN, english);
	}

}
