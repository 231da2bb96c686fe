package org.partnertls.header;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import org.jspecify.annotations.Nullable;

import org.partnertls.header.MessageHeaders.Fields;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;

/**
 * What a test message says about itself, apart from how it travelled. The sender wrote
 * all of it except the hops from our own servers, so it identifies and proves nothing on
 * its own. Every text is bounded and on one line.
 *
 * @param hops the {@code Received:} lines, newest first, at most
 * {@value TestMessage#MOST_HOPS}
 * @param nonce the plus part of our test address and where it stood
 * @param messageId the {@code Message-ID} with its angle brackets
 * @param date when the sender says it was written
 * @param fromDomain the domain of the first author in {@code From}
 * @param envelopeDomain the domain in {@code Return-Path}, by which Exchange Online
 * chooses the inbound connector
 */
public record TestMessage(List<Hop> hops, @Nullable Nonce nonce, @Nullable String messageId, @Nullable Instant date,
		@Nullable DomainName fromDomain, @Nullable DomainName envelopeDomain) {

	static final int MOST_HOPS = 200;

	private static final int LONGEST_FIELD = 998;

	private static final int LONGEST_ID = 255;

	/**
	 * Gathers the facts.
	 * @param hops what the chain says
	 * @param trusted the hop whose line is our own server's; null when there is none
	 */
	static TestMessage of(Fields fields, List<Hop> hops, @Nullable Hop trusted, Boundary boundary) {
		String messageId = fields.first("message-id");
		String date = fields.first("date");
		return new TestMessage(hops, nonce(fields, trusted, boundary.testAddress()),
				(messageId != null) ? ShownText.of(messageId, LONGEST_ID) : null,
				(date != null) ? ReceivedLine.time(bounded(date)) : null, domain(fields.first("from")),
				domain(fields.first("return-path")));
	}

	private static @Nullable Nonce nonce(Fields fields, @Nullable Hop trusted, @Nullable EmailAddress testAddress) {
		if (testAddress == null) {
			return null;
		}
		if (trusted != null && trusted.recipient() != null) {
			String plus = plusPart(trusted.recipient(), testAddress);
			if (plus != null) {
				return new Nonce(plus, Place.RECEIVED);
			}
		}
		for (Place place : List.of(Place.X_ORIGINAL_TO, Place.DELIVERED_TO, Place.TO)) {
			for (String value : fields.all(place.field, 5)) {
				String plus = plusPart(bounded(value), testAddress);
				if (plus != null) {
					return new Nonce(plus, place);
				}
			}
		}
		return null;
	}

	/**
	 * The plus part of the first address in the text that is the test address with one.
	 */
	private static @Nullable String plusPart(String text, EmailAddress testAddress) {
		String lower = text.toLowerCase(Locale.ROOT);
		String start = testAddress.local().toLowerCase(Locale.ROOT) + "+";
		String domain = "@" + testAddress.domain();
		int at = lower.indexOf(start);
		while (at >= 0) {
			int plus = at + start.length();
			int end = plus;
			while (end < lower.length() && end - plus < 64 && isPlusCharacter(lower.charAt(end))) {
				end++;
			}
			if (end > plus && !isInsideAddress(lower, at - 1) && lower.startsWith(domain, end)
					&& !isInsideAddress(lower, end + domain.length())) {
				return lower.substring(plus, end);
			}
			at = lower.indexOf(start, plus);
		}
		return null;
	}

	private static boolean isPlusCharacter(char c) {
		return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
	}

	private static boolean isInsideAddress(String text, int index) {
		return index >= 0 && index < text.length()
				&& (isPlusCharacter(text.charAt(index)) || "!#$%&'*+/=?^`{|}~.@".indexOf(text.charAt(index)) >= 0);
	}

	private static @Nullable DomainName domain(@Nullable String field) {
		if (field == null) {
			return null;
		}
		try {
			InternetAddress[] addresses = InternetAddress.parseHeader(bounded(field), false);
			String address = (addresses.length > 0) ? addresses[0].getAddress() : null;
			int at = (address != null) ? address.lastIndexOf('@') : -1;
			return (address != null && at >= 0) ? DomainName.of(address.substring(at + 1)) : null;
		}
		catch (AddressException | IllegalArgumentException ex) {
			return null;
		}
	}

	private static String bounded(String value) {
		return (value.length() <= LONGEST_FIELD) ? value : value.substring(0, LONGEST_FIELD);
	}

	/**
	 * The plus part by which a test message is told from all others.
	 *
	 * @param value in lower case, at most 64 characters
	 * @param place where it stood
	 */
	public record Nonce(String value, Place place) {
	}

	/**
	 * Where the plus address stood. All but the first can be written by the sender, who
	 * must know the nonce for that.
	 */
	public enum Place {

		/** After {@code for} in the line that our own server wrote. */
		RECEIVED("received", "the “for” of our own server's Received line"),
		/** In {@code X-Original-To}. */
		X_ORIGINAL_TO("x-original-to", "the X-Original-To header"),
		/** In {@code Delivered-To}. */
		DELIVERED_TO("delivered-to", "the Delivered-To header"),
		/** In {@code To}. */
		TO("to", "the To header");

		private final String field;

		private final String words;

		Place(String field, String words) {
			this.field = field;
			this.words = words;
		}

		/**
		 * The words for people.
		 */
		public String words() {
			return this.words;
		}

	}

}
