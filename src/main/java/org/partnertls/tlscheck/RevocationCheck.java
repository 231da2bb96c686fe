package org.partnertls.tlscheck;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateRevokedException;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import org.partnertls.dns.Dns;
import org.partnertls.tlscheck.GuardedClient.FetchFailed;
import org.partnertls.tlscheck.GuardedClient.Post;
import org.partnertls.tlscheck.GuardedClient.Response;
import org.partnertls.tlscheck.Report.Revocation;
import org.partnertls.tlscheck.Report.RevocationFacts;

/**
 * Asks whether a server's certificate was revoked: what the server stapled, else the OCSP
 * responder (RFC 6960), else the revocation list (RFC 5280 section 5) that the
 * certificate names. The Java runtime would follow those addresses anywhere, so they are
 * fetched by the guarded client and only judged by the runtime. Softly: without an answer
 * nothing is held against anybody.
 */
final class RevocationCheck {

	/** Lists hold thousands of numbers; an authority's shard is about this large. */
	private static final int MAX_LIST = 4 * 1024 * 1024;

	private static final int MAX_OCSP = 64 * 1024;

	private static final Duration REMEMBERED = Duration.ofHours(6);

	private final GuardedClient client;

	private final Clock clock;

	/** By fingerprint, so that a provider's certificate is asked about once. */
	private final Cache<String, RevocationFacts> known = CacheBuilder.newBuilder()
		.maximumSize(20_000)
		.expireAfterWrite(REMEMBERED)
		.build();

	RevocationCheck(GuardedClient client, Clock clock) {
		this.client = client;
		this.clock = clock;
	}

	/**
	 * Asks about a certificate.
	 * @param issuer who signed it, from the path that is trusted
	 * @param stapled what the server sent along of its authority's word, the
	 * certificate's own first
	 */
	RevocationFacts check(X509Certificate leaf, X509Certificate issuer, List<byte[]> stapled, Dns dns, long end) {
		if (!stapled.isEmpty() && stapled.getFirst().length > 0) {
			RevocationFacts facts = byOcsp(leaf, issuer, stapled.getFirst(), "as the server sent along");
			if (facts.state() != Revocation.NO_ANSWER) {
				return facts;
			}
		}
		String fingerprint = ChainJudge.sha256(leaf);
		RevocationFacts remembered = this.known.getIfPresent(fingerprint);
		if (remembered != null) {
			return remembered;
		}
		RevocationFacts facts = ask(leaf, issuer, dns, end);
		if (facts.state() != Revocation.NO_ANSWER) {
			this.known.put(fingerprint, facts);
		}
		return facts;
	}

	private RevocationFacts ask(X509Certificate leaf, X509Certificate issuer, Dns dns, long end) {
		List<String> responders = Extensions.ocspResponders(leaf);
		List<String> lists = Extensions.revocationLists(leaf);
		if (responders.isEmpty() && lists.isEmpty()) {
			return new RevocationFacts(Revocation.NOT_STATED, "the certificate names no place to ask");
		}
		RevocationFacts facts = null;
		if (!responders.isEmpty()) {
			facts = askResponder(responders.getFirst(), leaf, issuer, dns, end);
		}
		if ((facts == null || facts.state() == Revocation.NO_ANSWER) && !lists.isEmpty()) {
			facts = askList(lists.getFirst(), leaf, issuer, dns, end);
		}
		return (facts != null) ? facts : new RevocationFacts(Revocation.NO_ANSWER, "nobody answered");
	}

	private RevocationFacts askResponder(String url, X509Certificate leaf, X509Certificate issuer, Dns dns, long end) {
		try {
			Response response = this.client.fetch(url, new Post("application/ocsp-request", request(leaf, issuer)),
					MAX_OCSP, dns, end);
			return (response.status() == 200)
					? byOcsp(leaf, issuer, response.body(), "by OCSP from " + Transcript.printable(url, 120))
					: new RevocationFacts(Revocation.NO_ANSWER,
							"the OCSP responder answers with status " + response.status());
		}
		catch (FetchFailed ex) {
			return new RevocationFacts(Revocation.NO_ANSWER, ex.words());
		}
	}

	/**
	 * Lets the Java runtime judge an answer, which asks nobody itself when it has one.
	 */
	private RevocationFacts byOcsp(X509Certificate leaf, X509Certificate issuer, byte[] response, String how) {
		try {
			CertPath path = CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf));
			CertPathValidator validator = CertPathValidator.getInstance("PKIX");
			PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
			checker.setOptions(
					EnumSet.of(PKIXRevocationChecker.Option.ONLY_END_ENTITY, PKIXRevocationChecker.Option.NO_FALLBACK));
			checker.setOcspResponses(Map.of(leaf, response));
			PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(issuer, null)));
			parameters.addCertPathChecker(checker);
			parameters.setDate(Date.from(within(leaf)));
			validator.validate(path, parameters);
			return new RevocationFacts(Revocation.GOOD, how);
		}
		catch (CertPathValidatorException ex) {
			return (ex.getCause() instanceof CertificateRevokedException revoked)
					? new RevocationFacts(Revocation.REVOKED, how + ", on " + revoked.getRevocationDate().toInstant())
					: new RevocationFacts(Revocation.NO_ANSWER,
							"the answer " + how + " does not hold: " + Transcript.printable("" + ex.getMessage(), 120));
		}
		catch (GeneralSecurityException ex) {
			return new RevocationFacts(Revocation.NO_ANSWER, "the answer " + how + " makes no sense");
		}
	}

	/**
	 * A time at which the certificate is valid: dates are judged elsewhere.
	 */
	private Instant within(X509Certificate leaf) {
		Instant now = this.clock.instant();
		Instant until = leaf.getNotAfter().toInstant();
		return now.isAfter(until) ? until : now;
	}

	private RevocationFacts askList(String url, X509Certificate leaf, X509Certificate issuer, Dns dns, long end) {
		try {
			Response response = this.client.fetch(url, null, MAX_LIST, dns, end);
			if (response.status() != 200) {
				return new RevocationFacts(Revocation.NO_ANSWER,
						"the revocation list is answered with status " + response.status());
			}
			X509CRL list = (X509CRL) CertificateFactory.getInstance("X.509")
				.generateCRL(new ByteArrayInputStream(response.body()));
			String how = "by the list at " + Transcript.printable(url, 120);
			if (!list.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
				return new RevocationFacts(Revocation.NO_ANSWER, how + ", which is of another authority");
			}
			list.verify(issuer.getPublicKey());
			if (list.getNextUpdate() == null || list.getNextUpdate().toInstant().isBefore(this.clock.instant())) {
				return new RevocationFacts(Revocation.NO_ANSWER, how + ", which is out of date");
			}
			return new RevocationFacts(list.isRevoked(leaf) ? Revocation.REVOKED : Revocation.GOOD, how);
		}
		catch (FetchFailed ex) {
			return new RevocationFacts(Revocation.NO_ANSWER, ex.words());
		}
		catch (GeneralSecurityException ex) {
			return new RevocationFacts(Revocation.NO_ANSWER,
					"the revocation list makes no sense or is not signed rightly");
		}
	}

	/**
	 * An OCSP request for one certificate (RFC 6960 section 4.1), with SHA-1 identifiers
	 * as every responder knows them.
	 */
	private static byte[] request(X509Certificate leaf, X509Certificate issuer) {
		byte[] sha1 = { 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00 };
		byte[] name = sha1(issuer.getSubjectX500Principal().getEncoded());
		byte[] key = sha1(Extensions.keyBits(issuer.getPublicKey()));
		BigInteger serial = leaf.getSerialNumber();
		byte[] id = Der.sequence(sha1, Der.of(0x04, name), Der.of(0x04, key), Der.of(0x02, serial.toByteArray()));
		return Der.sequence(Der.sequence(Der.sequence(Der.sequence(id))));
	}

	private static byte[] sha1(byte[] data) {
		try {
			return MessageDigest.getInstance("SHA-1").digest(data);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Every Java runtime has SHA-1", ex);
		}
	}

	/**
	 * What a certificate's extensions say about revocation. They are read as far as they
	 * are needed: addresses are the only things of their kind in them.
	 */
	private static final class Extensions {

		private static final String AUTHORITY_INFORMATION = "1.3.6.1.5.5.7.1.1";

		private static final String DISTRIBUTION_POINTS = "2.5.29.31";

		private static final byte[] OCSP = { 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01 };

		private Extensions() {
		}

		static List<String> ocspResponders(X509Certificate certificate) {
			List<String> found = new ArrayList<>();
			for (Der access : entries(certificate, AUTHORITY_INFORMATION)) {
				List<Der> parts = access.children();
				if (parts.size() == 2 && parts.get(0).isExactly(OCSP)) {
					add(found, parts.get(1));
				}
			}
			return found;
		}

		static List<String> revocationLists(X509Certificate certificate) {
			List<String> found = new ArrayList<>();
			for (Der point : entries(certificate, DISTRIBUTION_POINTS)) {
				for (Der part : point.children()) {
					for (Der choice : part.children()) {
						choice.children().forEach((name) -> add(found, name));
					}
				}
			}
			return found;
		}

		private static List<Der> entries(X509Certificate certificate, String extension) {
			byte[] value = certificate.getExtensionValue(extension);
			Der octets = (value != null) ? Der.read(value) : null;
			Der all = (octets != null) ? Der.read(octets.content()) : null;
			return (all != null) ? all.children() : List.of();
		}

		private static void add(List<String> found, Der name) {
			String url = (name.tag() == 0x86) ? name.text() : "";
			if (url.startsWith("http://")) {
				found.add(url);
			}
		}

		/**
		 * The bits of a public key without their algorithm.
		 */
		static byte[] keyBits(PublicKey key) {
			Der info = Der.read(key.getEncoded());
			List<Der> parts = (info != null) ? info.children() : List.of();
			byte[] bits = (parts.size() == 2) ? parts.get(1).content() : new byte[1];
			return Arrays.copyOfRange(bits, 1, bits.length);
		}

	}

}
