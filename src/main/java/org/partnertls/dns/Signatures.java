package org.partnertls.dns;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

import org.xbill.DNS.ExtendedFlags;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.dnssec.ValidatingResolver;

/**
 * How the signatures of the DNS (DNSSEC) are looked at: not at all, by taking the
 * resolver's word (the AD bit, RFC 6840 section 5.7), or by following them from the root
 * down ourselves.
 */
final class Signatures {

	/** The keys of the root zone of 2017 and of 2024, as published by IANA (RFC 9718). */
	private static final String ROOT = """
			. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
			. IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
			""";

	private static final int UDP_PAYLOAD = 1232;

	/** More questions at once than this overrun the buffer of a small resolver. */
	private static final int AT_ONCE = 128;

	private final Semaphore underWay = new Semaphore(AT_ONCE);

	private final Validation validation;

	private final Duration timeout;

	private final byte[] anchors;

	/** They remember keys, so there is one for each server. */
	private final Map<InetSocketAddress, Resolver> validating = new ConcurrentHashMap<>();

	Signatures(DnsProperties properties) {
		this.validation = properties.validation();
		this.timeout = properties.timeout();
		try {
			this.anchors = (properties.trustAnchors() != null) ? Files.readAllBytes(properties.trustAnchors())
					: ROOT.getBytes(StandardCharsets.US_ASCII);
			if (this.validation == Validation.OWN) {
				new ValidatingResolver(new SimpleResolver(new InetSocketAddress(0))).loadTrustAnchors(anchors());
			}
		}
		catch (IOException | IllegalArgumentException ex) {
			throw new IllegalArgumentException(
					"portal.dns.trust-anchors must name a file with DS or DNSKEY records, but "
							+ properties.trustAnchors() + " is none.",
					ex);
		}
	}

	private InputStream anchors() {
		return new ByteArrayInputStream(this.anchors);
	}

	/**
	 * What answers questions by one server.
	 */
	Resolver resolver(InetSocketAddress server, Duration timeout) {
		return (this.validation == Validation.OWN) ? this.validating.computeIfAbsent(server, this::validating)
				: plain(server, timeout);
	}

	static Resolver plain(InetSocketAddress server, Duration timeout) {
		SimpleResolver resolver = new SimpleResolver(server);
		resolver.setTimeout(timeout);
		return resolver;
	}

	private Resolver validating(InetSocketAddress server) {
		ValidatingResolver resolver = new ValidatingResolver(plain(server, this.timeout));
		resolver.setEDNS(0, UDP_PAYLOAD, ExtendedFlags.DO, List.of());
		try {
			resolver.loadTrustAnchors(anchors());
		}
		catch (IOException ex) {
			throw new IllegalStateException("The trust anchors were read before", ex);
		}
		return resolver;
	}

	Message question(Record asked) {
		Message question = Message.newQuery(asked);
		if (this.validation == Validation.RESOLVER) {
			question.getHeader().setFlag(Flags.AD);
		}
		return question;
	}

	Dnssec status(Message answer) {
		return switch (this.validation) {
			case NONE -> Dnssec.UNKNOWN;
			case RESOLVER, OWN -> answer.getHeader().getFlag(Flags.AD) ? Dnssec.SECURE : Dnssec.INSECURE;
		};
	}

	/**
	 * Is held while a question is under way.
	 */
	Semaphore underWay() {
		return this.underWay;
	}

	/**
	 * How many exchanges one answer may take.
	 */
	int exchanges() {
		return (this.validation == Validation.OWN) ? 10 : 2;
	}

}
