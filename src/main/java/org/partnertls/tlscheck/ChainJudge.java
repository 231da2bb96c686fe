package org.partnertls.tlscheck;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertStore;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import javax.security.auth.x500.X500Principal;

import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.Report.CertificateFacts;
import org.partnertls.tlscheck.Report.ChainFacts;
import org.partnertls.tlscheck.Report.NameFit;
import org.partnertls.tlscheck.Report.Trust;

/**
 * Looks at the certificates that a server sent, after the connection is over: the path to
 * a trusted authority (RFC 5280) through what was sent and nothing else, dates, names,
 * keys. Nothing is fetched, so a certificate cannot send us anywhere.
 */
final class ChainJudge {

	private static final int MAX_NAMES = 100;

	private static final int MAX_NAME_LENGTH = 253;

	private static final int MAX_DN_LENGTH = 300;

	private static final int MAX_PATH = 8;

	/** Larger RSA keys cost more time to verify than they are worth. */
	private static final int MAX_RSA_BITS = 8192;

	private static final Set<String> SERVER_PURPOSES = Set.of("1.3.6.1.5.5.7.3.1", "2.5.29.37.0");

	private final Map<X500Principal, Set<TrustAnchor>> anchors;

	/**
	 * Trusts the Java runtime's authorities and some more.
	 */
	ChainJudge(List<X509Certificate> extraAnchors) {
		this.anchors = Stream.concat(Arrays.stream(runtimeAnchors()), extraAnchors.stream())
			.map((certificate) -> new TrustAnchor(certificate, null))
			.collect(Collectors.groupingBy((anchor) -> anchor.getTrustedCert().getSubjectX500Principal(),
					Collectors.toUnmodifiableSet()));
	}

	private static X509Certificate[] runtimeAnchors() {
		try {
			TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			factory.init((KeyStore) null);
			return Arrays.stream(factory.getTrustManagers())
				.filter(X509TrustManager.class::isInstance)
				.map(X509TrustManager.class::cast)
				.flatMap((manager) -> Arrays.stream(manager.getAcceptedIssuers()))
				.toArray(X509Certificate[]::new);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("The Java runtime's trusted authorities cannot be read", ex);
		}
	}

	/**
	 * The facts of a chain.
	 * @param chain as sent, at least the server's own certificate
	 * @param host the MX host that was asked for
	 * @param domain the mail domain
	 * @param at the time of the connection
	 */
	ChainFacts judge(List<X509Certificate> chain, String host, String domain, Instant at) {
		X509Certificate leaf = chain.getFirst();
		Path path = path(chain, at);
		Set<X509Certificate> onPath = new HashSet<>(path.certificates());
		onPath.add(leaf);
		Instant from = onPath.stream().map((c) -> c.getNotBefore().toInstant()).max(Instant::compareTo).orElseThrow();
		Instant until = onPath.stream().map((c) -> c.getNotAfter().toInstant()).min(Instant::compareTo).orElseThrow();
		List<CertificateFacts> facts = chain.stream().map((c) -> facts(c, onPath.contains(c))).toList();
		return new ChainFacts(facts, path.trust(), path.words(), path.anchor(), from, until,
				nameFit(CertificateNames.dnsNames(leaf), CertificateNames.commonName(leaf), host, domain), null);
	}

	/**
	 * Who signed the server's own certificate, on a path that is trusted.
	 */
	@Nullable X509Certificate issuer(List<X509Certificate> chain, Instant at) {
		Path path = path(chain, at);
		return (path.certificates().size() > 1) ? path.certificates().get(1) : path.anchorCertificate();
	}

	private Path path(List<X509Certificate> chain, Instant at) {
		if (chain.stream().anyMatch(ChainJudge::isTooLarge)) {
			return Path.none(Trust.NOT_CHECKED, "A key in the chain is larger than " + MAX_RSA_BITS + " bits.");
		}
		Set<TrustAnchor> near = near(chain);
		if (near.isEmpty()) {
			return noPath(chain);
		}
		X509Certificate leaf = chain.getFirst();
		Instant inLeaf = within(at, leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant());
		Instant inAll = chain.stream().map((c) -> c.getNotAfter().toInstant()).min(Instant::compareTo).orElseThrow();
		// Dates are judged apart, so a path is looked for at times when they may have
		// fitted.
		for (Instant time : List.of(at, inLeaf, inAll)) {
			Path found = build(chain, near, time);
			if (found != null) {
				return found;
			}
		}
		return noPath(chain);
	}

	/**
	 * Whether a key costs more time than it is worth.
	 */
	static boolean isTooLarge(X509Certificate certificate) {
		return certificate.getPublicKey() instanceof RSAKey && keyBits(certificate) > MAX_RSA_BITS;
	}

	/**
	 * The anchors that the chain could lead to, so that not all of them are gone through.
	 */
	private Set<TrustAnchor> near(List<X509Certificate> chain) {
		return chain.stream()
			.flatMap((sent) -> Stream.of(sent.getIssuerX500Principal(), sent.getSubjectX500Principal()))
			.distinct()
			.flatMap((name) -> this.anchors.getOrDefault(name, Set.of()).stream())
			.collect(Collectors.toUnmodifiableSet());
	}

	private static Instant within(Instant at, Instant from, Instant until) {
		return at.isBefore(from) ? from : at.isAfter(until) ? until : at;
	}

	/**
	 * Whether a chain leads to one of its own certificates at a time.
	 */
	static boolean leadsTo(List<X509Certificate> chain, X509Certificate anchor, Instant time) {
		return chain.stream().noneMatch(ChainJudge::isTooLarge)
				&& build(chain, Set.of(new TrustAnchor(anchor, null)), time) != null;
	}

	private static @Nullable Path build(List<X509Certificate> chain, Set<TrustAnchor> anchors, Instant time) {
		X509CertSelector target = new X509CertSelector();
		target.setCertificate(chain.getFirst());
		try {
			PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, target);
			parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
			parameters.setRevocationEnabled(false);
			parameters.setMaxPathLength(MAX_PATH);
			parameters.setDate(Date.from(time));
			PKIXCertPathBuilderResult result = (PKIXCertPathBuilderResult) CertPathBuilder.getInstance("PKIX")
				.build(parameters);
			X509Certificate anchor = result.getTrustAnchor().getTrustedCert();
			List<X509Certificate> certificates = result.getCertPath()
				.getCertificates()
				.stream()
				.map(X509Certificate.class::cast)
				.toList();
			String name = name(anchor.getSubjectX500Principal());
			return new Path(Trust.TRUSTED, "The chain leads to " + name + ".", name, anchor, certificates);
		}
		catch (CertPathBuilderException ex) {
			return null;
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("The Java runtime cannot build certificate paths", ex);
		}
	}

	private Path noPath(List<X509Certificate> chain) {
		X509Certificate leaf = chain.getFirst();
		if (isSelfIssued(leaf)) {
			return Path.none(Trust.SELF_SIGNED, "The certificate is signed by itself.");
		}
		X509Certificate last = leaf;
		for (int i = 0; i < chain.size() && !isSelfIssued(last); i++) {
			X500Principal issuer = last.getIssuerX500Principal();
			X509Certificate sent = chain.stream()
				.filter((c) -> c.getSubjectX500Principal().equals(issuer))
				.findFirst()
				.orElse(null);
			if (sent == null) {
				return missing(issuer, last.equals(leaf));
			}
			last = sent;
		}
		return Path.none(Trust.UNKNOWN_AUTHORITY,
				"The chain leads to " + name(last.getSubjectX500Principal()) + ", which is not trusted here.");
	}

	private Path missing(X500Principal issuer, boolean leafAlone) {
		String name = name(issuer);
		if (this.anchors.containsKey(issuer)) {
			return Path.none(Trust.INVALID,
					"The chain names " + name + " as its authority but breaks a rule of certificate paths.");
		}
		return leafAlone
				? Path.none(Trust.INCOMPLETE, "The certificate of its issuer, " + name + ", was not sent along.")
				: Path.none(Trust.UNKNOWN_AUTHORITY,
						"The chain ends at " + name + ", which was not sent along and is not trusted here.");
	}

	private static boolean isSelfIssued(X509Certificate certificate) {
		return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
	}

	/**
	 * Which name of a certificate fits.
	 * @param names its DNS names
	 */
	static NameFit nameFit(List<String> names, @Nullable String commonName, String host, String domain) {
		if (CertificateNames.anyMatches(names, host)) {
			return NameFit.HOST;
		}
		if (names.contains("*." + domain) || CertificateNames.anyMatches(names, domain)) {
			return NameFit.DOMAIN;
		}
		return (commonName != null && CertificateNames.matches(commonName, host)) ? NameFit.COMMON_NAME_ONLY
				: NameFit.NONE;
	}

	private static CertificateFacts facts(X509Certificate certificate, boolean onPath) {
		List<String> names = CertificateNames.dnsNames(certificate);
		List<String> kept = names.stream()
			.limit(MAX_NAMES)
			.map((name) -> Transcript.printable(name, MAX_NAME_LENGTH))
			.toList();
		String commonName = CertificateNames.commonName(certificate);
		return new CertificateFacts(name(certificate.getSubjectX500Principal()),
				name(certificate.getIssuerX500Principal()),
				Transcript.printable(certificate.getSerialNumber().toString(16), 64),
				certificate.getNotBefore().toInstant(), certificate.getNotAfter().toInstant(),
				Transcript.printable(certificate.getPublicKey().getAlgorithm(), 40), keyBits(certificate),
				Transcript.printable(certificate.getSigAlgName(), 60), onPath, mayServe(certificate), kept,
				names.size() - kept.size(),
				(commonName != null) ? Transcript.printable(commonName, MAX_NAME_LENGTH) : null, sha256(certificate),
				hex("SHA-256", certificate.getPublicKey().getEncoded()));
	}

	private static String name(X500Principal principal) {
		return Transcript.printable(principal.getName(), MAX_DN_LENGTH);
	}

	private static int keyBits(X509Certificate certificate) {
		PublicKey key = certificate.getPublicKey();
		return switch (key) {
			case RSAKey rsa -> rsa.getModulus().bitLength();
			case ECKey ec -> ec.getParams().getOrder().bitLength();
			case EdECKey edwards -> edwards.getParams().getName().equals("Ed448") ? 456 : 256;
			default -> 0;
		};
	}

	private static boolean mayServe(X509Certificate certificate) {
		try {
			List<String> purposes = certificate.getExtendedKeyUsage();
			return purposes == null || purposes.stream().anyMatch(SERVER_PURPOSES::contains);
		}
		catch (CertificateParsingException ex) {
			return false;
		}
	}

	/**
	 * A certificate's fingerprint.
	 */
	static String sha256(X509Certificate certificate) {
		try {
			return hex("SHA-256", certificate.getEncoded());
		}
		catch (CertificateEncodingException ex) {
			return "";
		}
	}

	/**
	 * A digest in lower-case hexadecimal.
	 */
	static String hex(String algorithm, byte[] data) {
		try {
			return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(data));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Every Java runtime has " + algorithm, ex);
		}
	}

	/**
	 * A way from a certificate to an authority, or why there is none.
	 */
	private record Path(Trust trust, String words, @Nullable String anchor, @Nullable X509Certificate anchorCertificate,
			List<X509Certificate> certificates) {

		static Path none(Trust trust, String words) {
			return new Path(trust, words, null, null, List.of());
		}

	}

}
