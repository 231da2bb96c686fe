package org.partnertls.mail;

import java.util.Map;
import java.util.UUID;

import jakarta.mail.SendFailedException;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.mail.MailException;
import org.springframework.mail.MailSendException;

import static org.assertj.core.api.Assertions.assertThat;

class ReturnReportTests {

	private static final UUID LETTER = UUID.fromString("019a0000-0000-7000-8000-000000000001");

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			550 | 550 5.1.1 no such user                 | true
			550 | 550 No such user here                  | true
			551 | 551 moved                              | true
			550 | 550 5.1.10 does not accept mail        | true
			550 | 550 5.2.1 mailbox disabled             | true
			550 | 550 5.7.1 relaying denied              | false
			552 | 552 5.2.2 mailbox full                 | false
			550 | 550 5.1.8 bad sender                   | false
			554 | 554 transaction failed                 | false
			450 | 450 4.1.1 try later                    | false
			""")
	void onlyAMailboxThatIsNotThereMakesALetterComeBack(int code, String said, boolean returned)
			throws AddressException {
		SendFailedException failed = new SendFailedException("Invalid Addresses",
				new SMTPAddressFailedException(new InternetAddress("greta@acme.example"), "RCPT", code, said));
		MailException failure = new MailSendException(Map.of(new Object(), failed));

		assertThat(MailReturned.of(failure).isPresent()).isEqualTo(returned);
	}

	@Test
	void whatAServerSaysIsShownWithoutItsControlCharactersAndBounded() {
		assertThat(new MailReturned("550 5.1.1 a\r\nSubject: b\u0000" + "x".repeat(1000)).getMessage())
			.hasSizeLessThan(301)
			.startsWith("550 5.1.1 a Subject: b x");
	}

	@Test
	void readsWhichLetterCameBackFromWhom() {
		assertThat(ReturnReport.read(report("failed", "5.1.1", "rfc822; Greta@acme.example")))
			.hasValueSatisfying((report) -> {
				assertThat(report.letterId()).isEqualTo(LETTER);
				assertThat(report.recipient().key()).isEqualTo("greta@acme.example");
				assertThat(report.why())
					.isEqualTo("550 5.1.1 The email account does not exist, see https://example.org");
			});
	}

	@Test
	void lateMessagesFullMailboxesAndWhatIsNoReportAreNone() {
		assertThat(ReturnReport.read(report("delayed", "4.4.1", "rfc822; greta@acme.example"))).isEmpty();
		assertThat(ReturnReport.read(report("failed", "5.2.2", "rfc822; greta@acme.example"))).isEmpty();
		assertThat(ReturnReport.read(report("failed", "5.1.1", "rfc822; nobody"))).isEmpty();
		assertThat(ReturnReport.read("Subject: hello\r\n\r\nFinal-Recipient: rfc822; a@b.example")).isEmpty();
		assertThat(ReturnReport.read("Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n")).isEmpty();
		assertThat(ReturnReport.read("\u0000\u00ff".repeat(1000))).isEmpty();
	}

	static String report(String action, String status, String recipient) {
		return """
				From: MAILER-DAEMON@acme.example
				To: tls-test@contoso.example
				Subject: Undelivered Mail Returned to Sender
				MIME-Version: 1.0
				Content-Type: multipart/report; report-type=delivery-status; boundary="b"

				--b
				Content-Type: text/plain

				It did not work. Message-ID: <019a0000-0000-7000-8000-000000000009@contoso.example>
				--b
				Content-Type: message/delivery-status

				Reporting-MTA: dns; mx.acme.example

				Final-Recipient: %s
				Action: %s
				Status: %s
				Diagnostic-Code: smtp; 550 5.1.1 The email account does not exist,
				 see https://example.org

				--b
				Content-Type: text/rfc822-headers

				Message-ID: <%s@contoso.example>
				Subject: Your code

				--b--
				""".formatted(recipient, action, status, LETTER).replace("\n", "\r\n");
	}

}
