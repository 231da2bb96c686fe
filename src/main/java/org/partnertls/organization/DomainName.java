package org.partnertls.organization;

import java.util.Locale;
import java.util.regex.Pattern;

import com.google.common.net.InternetDomainName;
import com.ibm.icu.text.IDNA;

/**
 * A fully qualified mail domain, held as lower-case A-labels (RFC 5890) without a
 * trailing dot, so that equal domains are equal values whatever was typed.
 *
 * @param ascii the A-label form, for example {@code xn--mller-kva.example}
 */
public record DomainName(String ascii) implements Comparable<DomainName> {

	private static final IDNA UTS46 = IDNA.getUTS46Instance(IDNA.NONTRANSITIONAL_TO_ASCII
			| IDNA.NONTRANSITIONAL_TO_UNICODE | IDNA.USE_STD3_RULES | IDNA.CHECK_BIDI | IDNA.CHECK_CONTEXTJ);

	private static final Pattern LABELS = Pattern
		.compile("(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?");

	public DomainName {
		if (ascii.length() > 253 || !LABELS.matcher(ascii).matches()) {
			throw new IllegalArgumentException("Enter a domain name such as example.com.");
		}
	}

	/**
	 * Reads what a person typed: any case, Unicode, white space around it, a trailing
	 * dot.
	 * @param typed at most 253 characters
	 * @return the normalised name (UTS 46, non-transitional)
	 * @throws IllegalArgumentException with a sentence for the person, when it is none
	 */
	public static DomainName of(String typed) {
		String trimmed = typed.strip().toLowerCase(Locale.ROOT);
		if (trimmed.endsWith(".")) {
			trimmed = trimmed.substring(0, trimmed.length() - 1);
		}
		if (trimmed.isEmpty()) {
			throw new IllegalArgumentException("Enter a domain name such as example.com.");
		}
		if (trimmed.length() > 253) {
			throw new IllegalArgumentException("A domain name has at most 253 characters.");
		}
		if (trimmed.contains("@")) {
			throw new IllegalArgumentException("Enter only the part after the @, for example example.com.");
		}
		if (trimmed.contains("/") || trimmed.contains(":")) {
			throw new IllegalArgumentException("Enter a domain name such as example.com, not a web address.");
		}
		if (trimmed.matches("[0-9.]+") || trimmed.startsWith("[")) {
			throw new IllegalArgumentException("Enter a domain name such as example.com, not an IP address.");
		}
		StringBuilder ascii = new StringBuilder();
		IDNA.Info info = new IDNA.Info();
		UTS46.nameToASCII(trimmed, ascii, info);
		if (info.hasErrors()) {
			throw new IllegalArgumentException("Enter a domain name such as example.com; this one has characters or"
					+ " hyphens that a domain name cannot have.");
		}
		if (ascii.indexOf(".") < 0) {
			throw new IllegalArgumentException("Enter the whole domain name, for example example.com.");
		}
		return new DomainName(ascii.toString());
	}

	/**
	 * The form for people, with U-labels where there are any.
	 */
	public String unicode() {
		StringBuilder unicode = new StringBuilder();
		IDNA.Info info = new IDNA.Info();
		UTS46.nameToUnicode(this.ascii, unicode, info);
		return info.hasErrors() ? this.ascii : unicode.toString();
	}

	public boolean isInternationalized() {
		return this.ascii.contains("xn--");
	}

	/**
	 * Whether others can register names directly below it ({@code co.uk}), so that nobody
	 * can own it as a mail domain.
	 */
	public boolean isPublicSuffix() {
		return InternetDomainName.from(this.ascii).isPublicSuffix();
	}

	/**
	 * Whether this name lies below the other one; a name is not below itself.
	 */
	public boolean isBelow(DomainName other) {
		return this.ascii.endsWith("." + other.ascii);
	}

	@Override
	public int compareTo(DomainName other) {
		return this.ascii.compareTo(other.ascii);
	}

	/**
	 * Both forms where they differ: {@code müller.example (xn--mller-kva.example)}.
	 */
	public String display() {
		String unicode = unicode();
		return unicode.equals(this.ascii) ? this.ascii : unicode + " (" + this.ascii + ")";
	}

	@Override
	public String toString() {
		return this.ascii;
	}

}
