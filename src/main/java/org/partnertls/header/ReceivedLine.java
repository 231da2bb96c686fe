package org.partnertls.header;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.net.InetAddresses;
import org.jspecify.annotations.Nullable;

import org.partnertls.header.Hop.Writer;

/**
 * Reads one unfolded {@code Received:} value in one pass over its characters.
 * <p>
 * Evidence of TLS counts only where its writer puts it: after {@code by} and before the
 * semicolon (Postfix: in the comments after {@code from}). A name that a sender made up
 * can therefore at most make the line unreadable, never turn plain text into TLS.
 */
final class ReceivedLine {

	private static final int LONGEST_LINE = 8192;

	private static final int LONGEST_NAME = 255;

	private static final int LONGEST_RAW = 1000;

	/** RFC 3848 and the registry of mail transmission types. */
	private static final Set<String> TLS_WORDS = Set.of("ESMTPS", "ESMTPSA", "SMTPS", "LMTPS", "LMTPSA", "UTF8SMTPS",
			"UTF8SMTPSA", "UTF8LMTPS", "UTF8LMTPSA", "HTTPS");

	private static final Set<String> PLAIN_WORDS = Set.of("SMTP", "ESMTP", "ESMTPA", "ASMTP", "LMTP", "LMTPA",
			"UTF8SMTP", "UTF8SMTPA", "UTF8LMTP", "UTF8LMTPA");

	private static final Splitter PARTS = Splitter.on(CharMatcher.anyOf(", \t")).omitEmptyStrings();

	private static final Splitter WORDS = Splitter.on(CharMatcher.whitespace()).omitEmptyStrings();

	private final Map<Clause, List<String>> words = new EnumMap<>(Clause.class);

	private final Map<Clause, List<String>> comments = new EnumMap<>(Clause.class);

	private final String value;

	private @Nullable Clause clause;

	private boolean valueWanted;

	private boolean ambiguous;

	/** The text behind the semicolon; null when the line was cut off before it. */
	private @Nullable String date;

	private ReceivedLine(String value) {
		this.value = value;
	}

	/**
	 * Reads the value of one {@code Received:} field.
	 * @param value hostile, without line breaks
	 */
	static Hop read(String value) {
		ReceivedLine line = new ReceivedLine(
				(value.length() <= LONGEST_LINE) ? value : value.substring(0, LONGEST_LINE));
		line.split();
		return line.hop();
	}

	private void split() {
		StringBuilder text = new StringBuilder();
		int depth = 0;
		for (int i = 0; i < this.value.length(); i++) {
			char c = this.value.charAt(i);
			if (depth > 0) {
				if (c == '\\' && i + 1 < this.value.length()) {
					text.append(this.value.charAt(++i));
					continue;
				}
				depth += (c == '(') ? 1 : (c == ')') ? -1 : 0;
				if (depth == 0) {
					comment(text.toString());
					text.setLength(0);
					continue;
				}
				text.append(c);
			}
			else if (c == ';') {
				word(text);
				this.date = this.value.substring(i + 1);
				return;
			}
			else if (c == '(') {
				word(text);
				depth = 1;
			}
			else if (c == ' ' || c == '\t') {
				word(text);
			}
			else {
				text.append(c);
			}
		}
		// A comment that is still open is no evidence: who knows where it would have
		// ended.
		if (depth == 0) {
			word(text);
		}
	}

	private void comment(String text) {
		if (this.clause != null) {
			this.comments.computeIfAbsent(this.clause, (c) -> new ArrayList<>()).add(text.strip());
		}
	}

	private void word(StringBuilder text) {
		if (text.isEmpty()) {
			return;
		}
		String word = text.toString();
		text.setLength(0);
		Clause keyword = this.valueWanted ? null : Clause.of(word);
		if (keyword == Clause.FROM && this.clause != null) {
			keyword = null;
		}
		if ((keyword == Clause.BY || keyword == Clause.WITH) && this.words.containsKey(keyword)) {
			// Mimecast writes "with ESMTP with STARTTLS". Any other repetition may be a
			// made-up host name that plays the rest of the line.
			this.valueWanted = keyword == Clause.WITH && this.clause == Clause.WITH;
			this.ambiguous |= !this.valueWanted;
			return;
		}
		if (keyword != null && !this.words.containsKey(keyword)) {
			this.clause = keyword;
			this.words.put(keyword, new ArrayList<>());
			this.valueWanted = true;
			return;
		}
		boolean repeatedWith = this.valueWanted && this.clause == Clause.WITH && !words(Clause.WITH).isEmpty();
		this.ambiguous |= repeatedWith && !word.equalsIgnoreCase("STARTTLS");
		this.valueWanted = false;
		if (this.clause != null) {
			this.words.computeIfAbsent(this.clause, (c) -> new ArrayList<>()).add(word);
		}
	}

	private Hop hop() {
		Writer writer = writer();
		String byHost = this.ambiguous ? null : host(first(Clause.BY));
		String protocol = words(Clause.WITH).isEmpty() ? null : String.join(" ", words(Clause.WITH));
		Evidence evidence = (byHost != null) ? evidence(writer) : Evidence.NOTHING;
		return new Hop(writer, shown(host(first(Clause.FROM))), peerAddress(), shown(byHost), shown(protocol),
				shown(evidence.version()), shown(evidence.cipher()), evidence.tls(), shown(recipient()), time(),
				ShownText.of(this.value, LONGEST_RAW));
	}

	private Writer writer() {
		List<String> with = words(Clause.WITH);
		String byHost = host(first(Clause.BY));
		String by = (byHost != null) ? byHost : "";
		String product = comments(Clause.BY).isEmpty() ? "" : comments(Clause.BY).getFirst();
		if (with.size() >= 3 && "Microsoft SMTP Server".equals(String.join(" ", with.subList(0, 3)))) {
			return Writer.EXCHANGE;
		}
		if (with.contains("MailGates")) {
			return Writer.MAILGATES;
		}
		if (by.endsWith(".mimecast.com")) {
			return Writer.MIMECAST;
		}
		if (product.startsWith("Postfix")) {
			return Writer.POSTFIX;
		}
		if (comments(Clause.WITH).stream().anyMatch((text) -> text.startsWith("Exim "))) {
			return Writer.EXIM;
		}
		if (product.equals("PPS") || by.endsWith(".pphosted.com")) {
			return Writer.PROOFPOINT;
		}
		if (by.endsWith(".google.com")) {
			return Writer.GOOGLE;
		}
		if (by.endsWith(".iphmx.com") || with.stream().anyMatch((word) -> word.startsWith("ESMTP/TLS/"))) {
			return Writer.CISCO;
		}
		if (product.startsWith("8.") && product.indexOf('/') > 0) {
			return Writer.SENDMAIL;
		}
		return Writer.OTHER;
	}

	private Evidence evidence(Writer writer) {
		return switch (writer) {
			case EXCHANGE -> exchange();
			case POSTFIX -> postfix();
			case EXIM -> exim();
			case CISCO -> cisco();
			case MIMECAST -> bracketOr(words(Clause.WITH).contains("STARTTLS") ? Evidence.SOME_TLS : protocolWord());
			case SENDMAIL, PROOFPOINT, GOOGLE, MAILGATES, OTHER -> bracketOr(protocolWord());
		};
	}

	/** {@code with Microsoft SMTP Server (version=TLS1_3, cipher=…) id}. */
	private Evidence exchange() {
		for (String text : comments(Clause.WITH)) {
			Evidence bracket = Evidence.ofBracket(text);
			if (bracket != null) {
				return bracket;
			}
			if (text.equals("TLS")) {
				return Evidence.SOME_TLS;
			}
		}
		return unlessCutOff(Evidence.PLAIN);
	}

	/** {@code from … (using TLSv1.3 with cipher C (256/256 bits)) … by … (Postfix)}. */
	private Evidence postfix() {
		for (String text : comments(Clause.FROM)) {
			List<String> parts = PARTS.limit(6).splitToList(text);
			if (parts.size() >= 5 && parts.get(0).equals("using") && parts.get(3).equals("cipher")) {
				return Evidence.of(parts.get(1), parts.get(4));
			}
		}
		return protocolWord();
	}

	/**
	 * {@code with esmtps (TLS1.3) tls C (Exim 4.96)} and, until 4.92,
	 * {@code with esmtps (TLS1.3:C:256)}.
	 */
	private Evidence exim() {
		for (String text : comments(Clause.WITH)) {
			if (text.startsWith("TLS") || text.startsWith("SSL")) {
				List<String> parts = Splitter.on(':').limit(3).splitToList(text);
				int tls = words(Clause.WITH).indexOf("tls");
				String behind = (tls >= 0 && tls + 1 < words(Clause.WITH).size()) ? words(Clause.WITH).get(tls + 1)
						: null;
				return Evidence.of(parts.getFirst(), (parts.size() > 1) ? parts.get(1) : behind);
			}
		}
		return protocolWord();
	}

	/** {@code with ESMTP/TLS/<cipher>}: the version is never written. */
	private Evidence cisco() {
		for (String word : words(Clause.WITH)) {
			int tls = word.indexOf("/TLS/");
			if (tls > 0) {
				String cipher = word.substring(tls + 5);
				return new Evidence(null, cipher, Tls.ofCipher(cipher));
			}
		}
		return protocolWord();
	}

	private Evidence bracketOr(Evidence otherwise) {
		for (Clause place : List.of(Clause.WITH, Clause.ID, Clause.FOR, Clause.VIA)) {
			for (String text : comments(place)) {
				Evidence bracket = Evidence.ofBracket(text);
				if (bracket != null) {
					return bracket;
				}
			}
		}
		return otherwise;
	}

	private Evidence protocolWord() {
		for (String word : words(Clause.WITH)) {
			String upper = word.toUpperCase(Locale.ROOT);
			if (TLS_WORDS.contains(upper)) {
				return Evidence.SOME_TLS;
			}
			if (PLAIN_WORDS.contains(upper)) {
				return unlessCutOff(Evidence.PLAIN);
			}
		}
		return Evidence.NOTHING;
	}

	/**
	 * What is missing proves something only when the line is there to its end.
	 */
	private Evidence unlessCutOff(Evidence evidence) {
		return (this.date != null) ? evidence : Evidence.NOTHING;
	}

	private @Nullable String peerAddress() {
		for (String text : comments(Clause.FROM)) {
			if (text.regionMatches(true, 0, "HELO", 0, 4) || text.startsWith("using ")) {
				continue;
			}
			String address = address(text);
			if (address != null) {
				return address;
			}
		}
		String from = first(Clause.FROM);
		return (from != null && from.startsWith("[")) ? address(from) : null;
	}

	/** {@code 192.0.2.1}, {@code name [192.0.2.1]}, {@code fe80::1%4}. */
	private static @Nullable String address(String text) {
		int open = text.indexOf('[');
		int close = text.indexOf(']', open + 1);
		String address = (open >= 0 && close > open) ? text.substring(open + 1, close) : text;
		if (address.regionMatches(true, 0, "IPv6:", 0, 5)) {
			address = address.substring(5);
		}
		int scope = address.indexOf('%');
		String plain = (scope >= 0) ? address.substring(0, scope) : address;
		return (plain.length() <= 45 && InetAddresses.isInetAddress(plain))
				? InetAddresses.toAddrString(InetAddresses.forString(plain)) : null;
	}

	private @Nullable String recipient() {
		String recipient = first(Clause.FOR);
		return (recipient != null) ? CharMatcher.anyOf("<>").trimFrom(recipient) : null;
	}

	private @Nullable Instant time() {
		return (this.date != null) ? time(this.date) : null;
	}

	/**
	 * Reads a date of RFC 5322 section 3.3, with the comment and the fraction of a second
	 * that some servers add.
	 */
	static @Nullable Instant time(String date) {
		int comment = date.indexOf('(');
		List<String> parts = new ArrayList<>(
				WORDS.limit(8).splitToList((comment >= 0) ? date.substring(0, comment) : date));
		parts.replaceAll((part) -> (part.indexOf(':') > 0 && part.indexOf('.') > 0)
				? part.substring(0, part.indexOf('.')) : part);
		try {
			return OffsetDateTime.parse(String.join(" ", parts), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
		}
		catch (DateTimeException ex) {
			return null;
		}
	}

	private static @Nullable String host(@Nullable String word) {
		if (word == null) {
			return null;
		}
		String host = word.toLowerCase(Locale.ROOT);
		return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
	}

	private static @Nullable String shown(@Nullable String text) {
		return (text != null) ? ShownText.of(text, LONGEST_NAME) : null;
	}

	private @Nullable String first(Clause clause) {
		return words(clause).isEmpty() ? null : words(clause).getFirst();
	}

	private List<String> words(Clause clause) {
		return this.words.getOrDefault(clause, List.of());
	}

	private List<String> comments(Clause clause) {
		return this.comments.getOrDefault(clause, List.of());
	}

	private enum Clause {

		FROM, BY, VIA, WITH, ID, FOR;

		static @Nullable Clause of(String word) {
			return switch (word.toLowerCase(Locale.ROOT)) {
				case "from" -> FROM;
				case "by" -> BY;
				case "via" -> VIA;
				case "with" -> WITH;
				case "id" -> ID;
				case "for" -> FOR;
				default -> null;
			};
		}

	}

	private record Evidence(@Nullable String version, @Nullable String cipher, @Nullable Tls tls) {

		static final Evidence NOTHING = new Evidence(null, null, null);

		static final Evidence SOME_TLS = new Evidence(null, null, Tls.UNKNOWN_VERSION);

		static final Evidence PLAIN = new Evidence(null, null, Tls.NONE);

		static Evidence of(String version, @Nullable String cipher) {
			return new Evidence(version, cipher, Tls.ofVersion(version));
		}

		/**
		 * {@code version=TLS1_3, cipher=…} or
		 * {@code version=TLSv1.3 cipher=… bits=256 verify=NOT}.
		 */
		static @Nullable Evidence ofBracket(String text) {
			String version = null;
			String cipher = null;
			for (String part : PARTS.limit(8).split(text)) {
				if (part.startsWith("version=")) {
					version = part.substring("version=".length());
				}
				else if (part.startsWith("cipher=")) {
					cipher = part.substring("cipher=".length());
				}
			}
			return (version != null) ? of(version, cipher) : null;
		}

	}

}
