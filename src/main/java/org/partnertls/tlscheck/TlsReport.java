package org.partnertls.tlscheck;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A report of another mail system about TLS (RFC 8460 section 4). Read tolerantly, since
 * not all who write them keep to the letter: of a failure only its type and its number
 * are needed. Every text is cut and printable ASCII.
 *
 * @param organization who reports
 * @param contact their address; empty when not given
 * @param reportId their name for it
 * @param from the beginning of the time that it is about
 * @param to its end
 * @param succeeded how many sessions went well
 * @param failed how many did not
 * @param failures what went wrong
 * @param leftOut how many failures could not be used, or were too many
 */
record TlsReport(String organization, String contact, @Nullable String reportId, @Nullable Instant from,
		@Nullable Instant to, long succeeded, long failed, List<Failure> failures, int leftOut) {

	private static final int MAX_BYTES = 20 * 1024 * 1024;

	private static final int MAX_POLICIES = 1000;

	private static final int MAX_FAILURES = 2000;

	private static final long MAX_SESSIONS = 1_000_000_000_000L;

	private static final JsonMapper JSON = JsonMapper
		.builder(JsonFactory.builder()
			.streamReadConstraints(StreamReadConstraints.builder()
				.maxNestingDepth(20)
				.maxStringLength(20_000)
				.maxNameLength(1_000)
				.maxNumberLength(50)
				.maxTokenCount(300_000)
				.maxDocumentLength(MAX_BYTES)
				.build())
			.build())
		.build();

	TlsReport {
		failures = List.copyOf(failures);
	}

	/**
	 * Reads one.
	 * @param file JSON, as it is or zipped with gzip
	 * @throws Unreadable with a sentence for people
	 */
	static TlsReport read(byte[] file) {
		try {
			JsonNode root = JSON.readTree(plain(file));
			if (root == null || !root.path("policies").isArray()) {
				throw new Unreadable("This is no TLS report: it has no list of policies. A report is a file such as"
						+ " example.net!example.com!1763856000!1763942399.json.gz.");
			}
			return of(root);
		}
		catch (JacksonException ex) {
			throw new Unreadable("This is no TLS report: it is not JSON, or more than a report ever holds.");
		}
		catch (IOException ex) {
			throw new Unreadable("The file cannot be unpacked; it may be damaged.");
		}
	}

	private static byte[] plain(byte[] file) throws IOException {
		if (file.length < 2 || (file[0] & 0xff) != 0x1f || (file[1] & 0xff) != 0x8b) {
			return file;
		}
		try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(file))) {
			byte[] plain = in.readNBytes(MAX_BYTES + 1);
			if (plain.length > MAX_BYTES) {
				throw new Unreadable("Unpacked, the file has more than 20 MiB, which no honest report has.");
			}
			return plain;
		}
	}

	private static TlsReport of(JsonNode root) {
		List<Failure> failures = new ArrayList<>();
		long succeeded = 0;
		long failed = 0;
		int leftOut = 0;
		int policies = 0;
		for (JsonNode entry : root.path("policies")) {
			if (++policies > MAX_POLICIES) {
				throw new Unreadable("The report has more than " + MAX_POLICIES + " policies.");
			}
			JsonNode summary = entry.path("summary");
			succeeded = add(succeeded, count(summary.path("total-successful-session-count")));
			failed = add(failed, count(summary.path("total-failure-session-count")));
			String domain = text(entry.path("policy").path("policy-domain"), 253).toLowerCase(Locale.ROOT);
			String type = text(entry.path("policy").path("policy-type"), 40);
			for (JsonNode detail : entry.path("failure-details")) {
				String result = text(detail.path("result-type"), 60).toLowerCase(Locale.ROOT);
				long sessions = count(detail.path("failed-session-count"));
				if (result.isEmpty() || sessions < 0 || failures.size() >= MAX_FAILURES) {
					leftOut++;
				}
				else {
					failures.add(
							new Failure(domain, type, result, sessions, text(detail.path("receiving-mx-hostname"), 253),
									text(detail.path("failure-reason-code"), 300)));
				}
			}
		}
		JsonNode range = root.path("date-range");
		String organization = text(root.path("organization-name"), 200);
		return new TlsReport(organization.isEmpty() ? "unnamed" : organization, text(root.path("contact-info"), 254),
				emptyToNull(text(root.path("report-id"), 200)), time(range.path("start-datetime")),
				time(range.path("end-datetime")), succeeded, failed, failures, leftOut);
	}

	// Some write numbers as text.
	private static long count(JsonNode node) {
		try {
			long count = node.isIntegralNumber() && node.canConvertToLong() ? node.longValue()
					: node.isString() ? Long.parseLong(node.stringValue().strip()) : -1;
			return (count <= MAX_SESSIONS) ? count : -1;
		}
		catch (NumberFormatException ex) {
			return -1;
		}
	}

	private static long add(long sum, long count) {
		return sum + Math.max(0, count);
	}

	private static String text(JsonNode node, int most) {
		return node.isString() ? Transcript.printable(node.stringValue().strip(), most) : "";
	}

	private static @Nullable String emptyToNull(String text) {
		return text.isEmpty() ? null : text;
	}

	private static @Nullable Instant time(JsonNode node) {
		try {
			Instant time = node.isString() ? OffsetDateTime.parse(node.stringValue()).toInstant() : null;
			return (time != null && time.isAfter(Instant.EPOCH) && time.isBefore(Instant.parse("2200-01-01T00:00:00Z")))
					? time : null;
		}
		catch (DateTimeException ex) {
			return null;
		}
	}

	/**
	 * Sessions that failed for one reason.
	 *
	 * @param policyDomain the domain that mail went to; empty when not given
	 * @param policyType {@code tlsa}, {@code sts} or {@code no-policy-found}; empty when
	 * not given
	 * @param resultType an IANA STARTTLS validation result type, lower case
	 * @param sessions how many
	 * @param receivingMx the server; empty when not given
	 * @param reason what else was said; empty when nothing was
	 */
	record Failure(String policyDomain, String policyType, String resultType, long sessions, String receivingMx,
			String reason) {

	}

	/** Why a file is not taken, in a sentence for people. */
	static final class Unreadable extends RuntimeException {

		private static final long serialVersionUID = 1L;

		Unreadable(String sentence) {
			super(sentence);
		}

		String sentence() {
			return String.valueOf(getMessage());
		}

	}

}
