package org.partnertls.tlscheck;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class TlsReportTests {

	/** After the example of RFC 8460 appendix B. */
	static final String REPORT = """
			{"organization-name":"Company-X","date-range":{"start-datetime":"2026-11-23T00:00:00Z",
			"end-datetime":"2026-11-23T23:59:59Z"},"contact-info":"sts-reporting@%1$s",
			"report-id":"5065427c-23d3-47ca-b6e0-946ea0e8c4be","policies":[{"policy":{"policy-type":"sts",
			"policy-string":["version: STSv1","mode: testing"],"policy-domain":"%2$s","mx-host":["*.mail.%2$s"]},
			"summary":{"total-successful-session-count":5326,"total-failure-session-count":303},
			"failure-details":[{"result-type":"certificate-expired","sending-mta-ip":"2001:db8:abcd:0012::1",
			"receiving-mx-hostname":"mx1.mail.%2$s","failed-session-count":100},
			{"result-type":"starttls-not-supported","sending-mta-ip":"2001:db8:abcd:0013::1",
			"receiving-mx-hostname":"mx2.mail.%2$s","receiving-ip":"203.0.113.56","failed-session-count":200,
			"additional-information":"https://reports.%1$s/report_info?id=5065427c"},
			{"result-type":"validation-failure","failed-session-count":3,
			"failure-reason-code":"X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED"}]}]}""";

	@Test
	void theExampleOfTheStandardIsReadZippedOrNot() throws IOException {
		byte[] plain = REPORT.formatted("company-x.example", "company-y.example").getBytes(StandardCharsets.UTF_8);
		for (byte[] file : new byte[][] { plain, zip(plain) }) {
			TlsReport report = TlsReport.read(file);
			assertThat(report.organization()).isEqualTo("Company-X");
			assertThat(report.contact()).isEqualTo("sts-reporting@company-x.example");
			assertThat(report.from()).isEqualTo("2026-11-23T00:00:00Z");
			assertThat(report.succeeded()).isEqualTo(5326);
			assertThat(report.failed()).isEqualTo(303);
			assertThat(report.leftOut()).isZero();
			assertThat(report.failures()).extracting(TlsReport.Failure::resultType)
				.containsExactly("certificate-expired", "starttls-not-supported", "validation-failure");
			assertThat(report.failures()).extracting(TlsReport.Failure::sessions).containsExactly(100L, 200L, 3L);
			assertThat(report.failures().getFirst().policyDomain()).isEqualTo("company-y.example");
		}
	}

	@Test
	void onlyTypeAndNumberOfAFailureAreNeeded() {
		TlsReport report = read("""
				{"policies":[{"failure-details":[{"result-type":"Certificate-Expired","failed-session-count":"7"},
				{"result-type":"validation-failure"},{"failed-session-count":3},{"result-type":7},null,4,
				{"result-type":"validation-failure","failed-session-count":-1},
				{"result-type":"validation-failure","failed-session-count":1e99}]},{},null,[]]}""");
		assertThat(report.organization()).isEqualTo("unnamed");
		assertThat(report.failures()).singleElement().satisfies((failure) -> {
			assertThat(failure.resultType()).isEqualTo("certificate-expired");
			assertThat(failure.sessions()).isEqualTo(7);
		});
		assertThat(report.leftOut()).isEqualTo(7);
	}

	@Test
	void whatComesFromOutsideIsCutAndPrintable() {
		TlsReport report = read("{\"organization-name\":\"" + "x".repeat(5000)
				+ "\",\"policies\":[{\"policy\":{\"policy-domain\":\"a\\u0000\\r\\n\\u202eb\"},\"failure-details\":"
				+ "[{\"result-type\":\"<b>\",\"failed-session-count\":1}]}]}");
		assertThat(report.organization()).hasSizeLessThanOrEqualTo(200);
		assertThat(report.failures().getFirst().policyDomain()).isEqualTo("a\\x00\\x0d\\x0a\\u202eb");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "hello", "[]", "{}", "{\"policies\":7}", "null", "{\"policies\":[", "\u001f\u008bx" })
	void whatIsNoReportIsRefusedWithASentence(String file) {
		assertThatExceptionOfType(TlsReport.Unreadable.class)
			.isThrownBy(() -> TlsReport.read(file.getBytes(StandardCharsets.ISO_8859_1)))
			.satisfies((refused) -> assertThat(refused.sentence()).endsWith("."));
	}

	@Test
	void aBombIsRefused() throws IOException {
		ByteArrayOutputStream bomb = new ByteArrayOutputStream();
		try (OutputStream out = new GZIPOutputStream(bomb)) {
			byte[] blanks = " ".repeat(1024 * 1024).getBytes(StandardCharsets.US_ASCII);
			for (int i = 0; i < 60; i++) {
				out.write(blanks);
			}
		}
		assertThat(bomb.size()).isLessThan(1024 * 1024);
		assertThatExceptionOfType(TlsReport.Unreadable.class).isThrownBy(() -> TlsReport.read(bomb.toByteArray()))
			.satisfies((refused) -> assertThat(refused.sentence()).contains("20 MiB"));
	}

	@Test
	void depthNumbersAndEntriesHaveLimits() {
		for (String file : new String[] { "{\"policies\":" + "[".repeat(5000) + "]".repeat(5000) + "}",
				"{\"policies\":[" + "{},".repeat(1500) + "{}]}", "{\"policies\":[" + "1,".repeat(400_000) + "1]}",
				"{\"policies\":[" + "9".repeat(2000) + "]}" }) {
			assertThatExceptionOfType(TlsReport.Unreadable.class).isThrownBy(() -> read(file));
		}
		TlsReport many = read("{\"policies\":[{\"failure-details\":["
				+ "{\"result-type\":\"validation-failure\",\"failed-session-count\":1},".repeat(2500) + "{}]}]}");
		assertThat(many.failures()).hasSize(2000);
		assertThat(many.leftOut()).isEqualTo(501);
	}

	static byte[] zip(byte[] plain) throws IOException {
		ByteArrayOutputStream zipped = new ByteArrayOutputStream();
		try (OutputStream out = new GZIPOutputStream(zipped)) {
			out.write(plain);
		}
		return zipped.toByteArray();
	}

	private static TlsReport read(String json) {
		return TlsReport.read(json.getBytes(StandardCharsets.UTF_8));
	}

}
