package org.partnertls.tlscheck;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.partnertls.dns.Dns;
import org.partnertls.dns.DnsAnswer;
import org.partnertls.tlscheck.GuardedClient.FetchFailed;
import org.partnertls.tlscheck.GuardedClient.Response;
import org.partnertls.tlscheck.Report.MtaStsFacts;
import org.partnertls.tlscheck.Report.StsFetch;
import org.partnertls.tlscheck.Report.StsPolicy;
import org.partnertls.tlscheck.Report.StsRecord;
import org.partnertls.tlscheck.Report.TlsReportingFacts;

/**
 * Looks up what a domain publishes about the mail to it: its MTA-STS policy (RFC 8461)
 * and where it wants reports (RFC 8460).
 */
final class MtaSts {

	private static final int MAX_BODY = 64 * 1024;

	private static final int MAX_PATTERNS = 50;

	private static final int MAX_REPORT_ADDRESSES = 10;

	private static final long LONGEST = 31_557_600;

	/** The version with its semicolon, as erratum 6285 has it. */
	private static final Pattern RECORD = Pattern.compile("v=STSv1[ \t]*;(.*)", Pattern.DOTALL);

	private static final Pattern ID = Pattern.compile("(?:^|;)[ \t]*id[ \t]*=[ \t]*([A-Za-z0-9]{1,32})[ \t]*(?:;|$)");

	private static final Pattern FIELD = Pattern.compile("([A-Za-z0-9][A-Za-z0-9_.-]{0,31})[ \t]*:[ \t]*(.*?)[ \t]*");

	private static final Pattern MX = Pattern
		.compile("(?:\\*\\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");

	private static final Pattern REPORTING = Pattern.compile("v=TLSRPTv1[ \t]*;(.*)", Pattern.DOTALL);

	private static final Pattern RUA = Pattern.compile("(?:^|;)[ \t]*rua[ \t]*=([^;]*)");

	private final GuardedClient client;

	private final Clock clock;

	MtaSts(GuardedClient client, Clock clock) {
		this.client = client;
		this.clock = clock;
	}

	/**
	 * The policy of a domain.
	 * @param before what was known before, whose policy counts while it may be remembered
	 * and no newer one can be had
	 */
	MtaStsFacts policy(String domain, Dns dns, @Nullable MtaStsFacts before, long end) {
		MtaStsFacts known = (before != null) ? without(before) : null;
		return switch (dns.txt("_mta-sts." + domain)) {
			case DnsAnswer.Found<String> found -> policy(domain, found.records(), dns, known, end);
			case DnsAnswer.None<String> none -> unfetched(StsRecord.NONE, "", known);
			case DnsAnswer.NoAnswer<String> noAnswer -> unfetched(StsRecord.NO_ANSWER, noAnswer.why(), known);
		};
	}

	private MtaStsFacts policy(String domain, List<String> texts, Dns dns, @Nullable MtaStsFacts before, long end) {
		List<String> records = texts.stream().filter((text) -> RECORD.matcher(text).matches()).toList();
		if (records.isEmpty()) {
			// Other texts there, for example a wildcard's, are no record at all.
			boolean meant = texts.stream().anyMatch((text) -> text.toLowerCase(Locale.ROOT).startsWith("v=sts"));
			return unfetched(meant ? StsRecord.INVALID : StsRecord.NONE,
					meant ? Transcript.printable(texts.getFirst(), 120) : "", before);
		}
		if (records.size() > 1) {
			return unfetched(StsRecord.SEVERAL, records.size() + " records", before);
		}
		Matcher id = ID.matcher(rest(RECORD, records.getFirst()));
		if (!id.find()) {
			return unfetched(StsRecord.INVALID, Transcript.printable(records.getFirst(), 120), before);
		}
		return fetched(domain, id.group(1), dns, before, end);
	}

	private MtaStsFacts fetched(String domain, String id, Dns dns, @Nullable MtaStsFacts before, long end) {
		try {
			Response response = this.client.fetch("https://mta-sts." + domain + "/.well-known/mta-sts.txt", null,
					MAX_BODY, dns, end);
			if (response.status() != 200) {
				return remembered(id, StsFetch.FAILED, "the web server answers with status " + response.status(), null,
						before);
			}
			String body = new String(response.body(), StandardCharsets.UTF_8);
			String sum = ChainJudge.hex("SHA-256", response.body());
			List<String> wrong = new ArrayList<>();
			StsPolicy policy = parse(body, wrong);
			return (policy != null)
					? new MtaStsFacts(StsRecord.GOOD, id, StsFetch.FETCHED, "", policy, sum, response.type(),
							this.clock.instant(), before)
					: remembered(id, StsFetch.INVALID, String.join("; ", wrong), sum, before);
		}
		catch (FetchFailed ex) {
			return remembered(id,
					(ex.failure() == GuardedClient.Failure.UNTRUSTED) ? StsFetch.UNTRUSTED : StsFetch.FAILED,
					ex.words(), null, before);
		}
	}

	/**
	 * Reads a policy.
	 * @param wrong takes what is wrong with it
	 * @return nothing when something is
	 */
	static @Nullable StsPolicy parse(String body, List<String> wrong) {
		String version = null;
		String mode = null;
		String maxAge = null;
		List<String> mx = new ArrayList<>();
		for (String line : body.split("\r?\n", -1)) {
			Matcher field = FIELD.matcher(line);
			if (!field.matches()) {
				continue;
			}
			String value = field.group(2);
			switch (field.group(1)) {
				case "version" -> version = (version != null) ? version : value;
				case "mode" -> mode = (mode != null) ? mode : value;
				case "max_age" -> maxAge = (maxAge != null) ? maxAge : value;
				case "mx" -> {
					String pattern = value.toLowerCase(Locale.ROOT);
					if (!MX.matcher(pattern).matches()) {
						wrong.add("mx is no host name: " + Transcript.printable(value, 80));
					}
					else if (mx.size() < MAX_PATTERNS) {
						mx.add(pattern);
					}
				}
				default -> {
					// Unknown keys are for newer versions.
				}
			}
		}
		if (!"STSv1".equals(version)) {
			wrong.add("there is no line version: STSv1");
		}
		if (mode == null || !List.of("enforce", "testing", "none").contains(mode)) {
			wrong.add("mode is neither enforce nor testing nor none");
		}
		if (maxAge == null || !maxAge.matches("[0-9]{1,10}") || Long.parseLong(maxAge) > LONGEST) {
			wrong.add("max_age is no number up to " + LONGEST);
		}
		if (mx.isEmpty() && !"none".equals(mode)) {
			wrong.add("there is no line mx");
		}
		return (wrong.isEmpty() && mode != null && maxAge != null) ? new StsPolicy(mode, Long.parseLong(maxAge), mx)
				: null;
	}

	private MtaStsFacts remembered(String id, StsFetch fetch, String words, @Nullable String sum,
			@Nullable MtaStsFacts before) {
		MtaStsFacts held = (before != null && before.holdsAt(this.clock.instant())) ? before : null;
		return new MtaStsFacts(StsRecord.GOOD, id, fetch, Transcript.printable(words, 250),
				(held != null) ? held.policy() : null, sum, null, (held != null) ? held.fetchedAt() : null, before);
	}

	private MtaStsFacts unfetched(StsRecord record, String words, @Nullable MtaStsFacts before) {
		// While the record cannot be looked up, senders go by what they remember.
		MtaStsFacts held = (record == StsRecord.NO_ANSWER && before != null && before.holdsAt(this.clock.instant()))
				? before : null;
		return new MtaStsFacts(record, null, StsFetch.NOT_TRIED, Transcript.printable(words, 250),
				(held != null) ? held.policy() : null, null, null, (held != null) ? held.fetchedAt() : null, before);
	}

	private static MtaStsFacts without(MtaStsFacts facts) {
		return new MtaStsFacts(facts.record(), facts.id(), facts.fetch(), facts.words(), facts.policy(),
				facts.bodySha256(), facts.contentType(), facts.fetchedAt(), null);
	}

	/**
	 * Where a domain wants reports.
	 */
	static TlsReportingFacts reporting(String domain, Dns dns) {
		return switch (dns.txt("_smtp._tls." + domain)) {
			case DnsAnswer.Found<String> found -> reporting(found.records());
			case DnsAnswer.None<String> none -> new TlsReportingFacts(StsRecord.NONE, List.of(), "");
			case DnsAnswer.NoAnswer<String> noAnswer ->
				new TlsReportingFacts(StsRecord.NO_ANSWER, List.of(), noAnswer.why());
		};
	}

	private static TlsReportingFacts reporting(List<String> texts) {
		List<String> records = texts.stream().filter((text) -> REPORTING.matcher(text).matches()).toList();
		if (records.isEmpty()) {
			return new TlsReportingFacts(StsRecord.NONE, List.of(), "");
		}
		if (records.size() > 1) {
			return new TlsReportingFacts(StsRecord.SEVERAL, List.of(), records.size() + " records");
		}
		Matcher rua = RUA.matcher(rest(REPORTING, records.getFirst()));
		List<String> addresses = rua.find() ? List.of(rua.group(1).split(",", -1)) : List.of();
		List<String> kept = addresses.stream()
			.map(String::strip)
			.filter((address) -> address.startsWith("mailto:") || address.startsWith("https:"))
			.map((address) -> Transcript.printable(address, 200))
			.limit(MAX_REPORT_ADDRESSES)
			.toList();
		return kept.isEmpty()
				? new TlsReportingFacts(StsRecord.INVALID, List.of(), Transcript.printable(records.getFirst(), 120))
				: new TlsReportingFacts(StsRecord.GOOD, kept, "");
	}

	/**
	 * What stands behind the version.
	 */
	private static String rest(Pattern version, String text) {
		Matcher matcher = version.matcher(text);
		return matcher.matches() ? matcher.group(1) : "";
	}

}
