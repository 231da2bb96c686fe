package lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAPrivateKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReq;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.Req;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/**
 * A certificate authority of our own with a root and an intermediate, and certificates of
 * every quality.
 */
public final class Pki {

	private static final SecureRandom RANDOM = new SecureRandom();

	private final Clock clock;

	private final Issuer root;

	private final Issuer intermediate;

	/**
	 * Makes a new authority.
	 * @param name stands in the names of its certificates
	 * @param clock tells from when certificates are valid
	 */
	public Pki(String name, Clock clock) {
		this.clock = clock;
		Instant now = clock.instant();
		KeyPair rootKey = ecKey();
		X500Name rootName = name(name + " root");
		Issuer self = new Issuer(rootName, rootKey.getPrivate(), null);
		X509Certificate rootCertificate = sign(self, rootName, rootKey,
				new Leaf().from(now.minus(Duration.ofDays(400))).until(now.plus(Duration.ofDays(36_500))), true);
		this.root = new Issuer(rootName, rootKey.getPrivate(), rootCertificate);
		this.intermediate = intermediate(name + " intermediate",
				new Leaf().from(now.minus(Duration.ofDays(300))).until(now.plus(Duration.ofDays(36_500))));
	}

	private Pki(Clock clock, Issuer root, Issuer intermediate) {
		this.clock = clock;
		this.root = root;
		this.intermediate = intermediate;
	}

	/**
	 * The authority of a file, made and kept there when there is none yet.
	 * @param file PKCS#12
	 * @param password opens the file
	 */
	public static Pki keptIn(Path file, String password, String name, Clock clock) {
		try {
			KeyStore store = KeyStore.getInstance("PKCS12");
			if (Files.exists(file)) {
				try (InputStream in = Files.newInputStream(file)) {
					store.load(in, password.toCharArray());
				}
				return new Pki(clock, Issuer.from(store, "root", password),
						Issuer.from(store, "intermediate", password));
			}
			Pki made = new Pki(name, clock);
			store.load(null, null);
			made.root.into(store, "root", password);
			made.intermediate.into(store, "intermediate", password);
			Path written = Files.createTempFile(file.toAbsolutePath().getParent(), "authority", ".new");
			try (OutputStream out = Files.newOutputStream(written)) {
				store.store(out, password.toCharArray());
			}
			Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
			return made;
		}
		catch (IOException | GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * The root certificate.
	 */
	public X509Certificate root() {
		return this.root.certificate();
	}

	/**
	 * The root certificate as PEM.
	 */
	public String rootPem() {
		StringWriter text = new StringWriter();
		try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
			pem.writeObject(root());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return text.toString();
	}

	/**
	 * Writes the root certificate to a PEM file.
	 */
	public void writeRoot(Path file) {
		try {
			Files.writeString(file, rootPem());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * A certificate to be proud of.
	 */
	public Identity good(String... dnsNames) {
		return issue(new Leaf().names(dnsNames));
	}

	/**
	 * One that ran out the day before yesterday.
	 */
	public Identity expired(String... dnsNames) {
		return issue(new Leaf().names(dnsNames)
			.from(this.clock.instant().minus(Duration.ofDays(92)))
			.until(this.clock.instant().minus(Duration.ofDays(2))));
	}

	/**
	 * One of 90 days that runs out soon.
	 */
	public Identity shortLived(Duration left, String... dnsNames) {
		Instant until = this.clock.instant().plus(left);
		return issue(new Leaf().names(dnsNames).from(until.minus(Duration.ofDays(90))).until(until));
	}

	/**
	 * One that nobody but itself vouches for.
	 */
	public Identity selfSigned(String... dnsNames) {
		KeyPair key = ecKey();
		Leaf leaf = new Leaf().names(dnsNames);
		X500Name name = name(leaf.commonName);
		return new Identity(key.getPrivate(),
				List.of(sign(new Issuer(name, key.getPrivate(), null), name, key, leaf, false)));
	}

	/**
	 * A good one whose intermediate is not sent along.
	 */
	public Identity missingIntermediate(String... dnsNames) {
		Identity good = good(dnsNames);
		return new Identity(good.key(), good.chain().subList(0, 1));
	}

	/**
	 * A good one with so many certificates behind it, each signed by the next.
	 */
	public Identity longChain(int certificates, String... dnsNames) {
		List<X509Certificate> chain = new ArrayList<>();
		Issuer issuer = this.root;
		for (int i = 1; i < certificates; i++) {
			KeyPair key = ecKey();
			X500Name name = name("Intermediate " + i);
			issuer = new Issuer(name, key.getPrivate(), sign(issuer, name, key, new Leaf(), true));
			chain.addFirst(issuer.certificate());
		}
		Identity leaf = issue(new Leaf().names(dnsNames), issuer);
		chain.addFirst(leaf.chain().getFirst());
		return new Identity(leaf.key(), chain);
	}

	/**
	 * Issues what the leaf says, under the intermediate.
	 */
	public Identity issue(Leaf leaf) {
		return issue(leaf, this.intermediate);
	}

	/**
	 * Issues what the leaf says under an intermediate made for it.
	 */
	public Identity issueUnder(Leaf leaf, Leaf intermediate) {
		return issue(leaf, intermediate("Special intermediate", intermediate));
	}

	private Identity issue(Leaf leaf, Issuer issuer) {
		KeyPair key = leaf.key();
		X509Certificate certificate = sign(issuer, name(leaf.commonName), key, leaf, false);
		return new Identity(key.getPrivate(), List.of(certificate, issuer.certificate()));
	}

	private Issuer intermediate(String commonName, Leaf validity) {
		KeyPair key = ecKey();
		X500Name name = name(commonName);
		return new Issuer(name, key.getPrivate(), sign(this.root, name, key, validity, true));
	}

	private X509Certificate sign(Issuer issuer, X500Name subject, KeyPair key, Leaf leaf, boolean authority) {
		Instant now = this.clock.instant();
		Instant from = (leaf.from != null) ? leaf.from : now.minus(Duration.ofDays(1));
		Instant until = (leaf.until != null) ? leaf.until : now.plus(Duration.ofDays(89));
		JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(issuer.name(),
				new BigInteger(120, RANDOM), Date.from(from), Date.from(until), subject, key.getPublic());
		try {
			builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
			builder.addExtension(Extension.keyUsage, true,
					new KeyUsage(authority ? KeyUsage.keyCertSign | KeyUsage.cRLSign : KeyUsage.digitalSignature));
			if (!authority && leaf.purpose != null) {
				builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(leaf.purpose));
			}
			if (!leaf.names.isEmpty()) {
				GeneralName[] names = leaf.names.stream()
					.map((dns) -> new GeneralName(GeneralName.dNSName, dns))
					.toArray(GeneralName[]::new);
				builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
			}
			if (leaf.responder != null) {
				builder.addExtension(Extension.authorityInfoAccess, false,
						new AuthorityInformationAccess(AccessDescription.id_ad_ocsp,
								new GeneralName(GeneralName.uniformResourceIdentifier, leaf.responder)));
			}
			if (leaf.list != null) {
				GeneralNames place = new GeneralNames(
						new GeneralName(GeneralName.uniformResourceIdentifier, leaf.list));
				builder.addExtension(Extension.cRLDistributionPoints, false, new CRLDistPoint(new DistributionPoint[] {
						new DistributionPoint(new DistributionPointName(place), null, null) }));
			}
			String hash = (leaf.hash != null) ? leaf.hash : "SHA256";
			String algorithm = hash + (issuer.key().getAlgorithm().equals("RSA") ? "withRSA" : "withECDSA");
			return new JcaX509CertificateConverter()
				.getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(issuer.key())));
		}
		catch (IOException | OperatorException | GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * An OCSP response of the intermediate to a request, saying good or revoked of
	 * everything that is asked for.
	 */
	public byte[] ocsp(byte[] request, boolean revoked) {
		try {
			DigestCalculatorProvider digests = new JcaDigestCalculatorProviderBuilder().build();
			BasicOCSPRespBuilder response = new BasicOCSPRespBuilder(
					SubjectPublicKeyInfo.getInstance(this.intermediate.certificate().getPublicKey().getEncoded()),
					digests.get(CertificateID.HASH_SHA1));
			Date now = Date.from(this.clock.instant());
			Date next = Date.from(this.clock.instant().plus(Duration.ofDays(1)));
			for (Req asked : new OCSPReq(request).getRequestList()) {
				response.addResponse(asked.getCertID(),
						revoked ? new RevokedStatus(now, CRLReason.keyCompromise) : CertificateStatus.GOOD, now, next,
						null);
			}
			BasicOCSPResp basic = response
				.build(new JcaContentSignerBuilder("SHA256withECDSA").build(this.intermediate.key()), null, now);
			return new OCSPRespBuilder().build(OCSPRespBuilder.SUCCESSFUL, basic).getEncoded();
		}
		catch (IOException | OperatorException | OCSPException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * The intermediate's revocation list with some certificates on it.
	 * @param next when the following list comes out
	 */
	public byte[] revocationList(Instant next, X509Certificate... revoked) {
		Date now = Date.from(this.clock.instant());
		X509v2CRLBuilder list = new X509v2CRLBuilder(this.intermediate.name(), now);
		list.setNextUpdate(Date.from(next));
		for (X509Certificate certificate : revoked) {
			list.addCRLEntry(certificate.getSerialNumber(), now, CRLReason.keyCompromise);
		}
		try {
			return list.build(new JcaContentSignerBuilder("SHA256withECDSA").build(this.intermediate.key()))
				.getEncoded();
		}
		catch (IOException | OperatorException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static X500Name name(String commonName) {
		return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, commonName).build();
	}

	private static KeyPair ecKey() {
		try {
			KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
			generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
			return generator.generateKeyPair();
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * What a server shows of itself.
	 *
	 * @param key private key of the first certificate
	 * @param chain what it sends
	 */
	public record Identity(PrivateKey key, List<X509Certificate> chain) {

		public Identity {
			chain = List.copyOf(chain);
		}

		/**
		 * Writes the key and then the chain to a PEM file that everybody may read.
		 */
		public void writePem(Path file) {
			StringWriter text = new StringWriter();
			try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
				pem.writeObject(new PemObject("PRIVATE KEY", this.key.getEncoded()));
				for (X509Certificate certificate : this.chain) {
					pem.writeObject(certificate);
				}
				pem.flush();
				Files.writeString(file, text.toString());
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		/**
		 * A TLS context that shows this identity.
		 */
		public SSLContext serverContext() {
			try {
				KeyStore store = KeyStore.getInstance("PKCS12");
				store.load(null, null);
				store.setKeyEntry("server", this.key, new char[0], this.chain.toArray(Certificate[]::new));
				KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
				keys.init(store, new char[0]);
				SSLContext context = SSLContext.getInstance("TLS");
				context.init(keys.getKeyManagers(), null, RANDOM);
				return context;
			}
			catch (IOException | GeneralSecurityException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

	/**
	 * What a certificate is to say.
	 */
	public static final class Leaf {

		private String commonName = "lab";

		private List<String> names = List.of();

		private Instant from;

		private Instant until;

		private String hash;

		private int rsaBits;

		private int modulusBits;

		private int smallPrimesBits;

		private String responder;

		private String list;

		private KeyPurposeId purpose = KeyPurposeId.id_kp_serverAuth;

		/**
		 * The DNS names; the first becomes the common name too.
		 */
		public Leaf names(String... dnsNames) {
			this.names = Arrays.asList(dnsNames);
			this.commonName = dnsNames[0];
			return this;
		}

		public Leaf commonName(String commonName) {
			this.commonName = commonName;
			return this;
		}

		public Leaf from(Instant from) {
			this.from = from;
			return this;
		}

		public Leaf until(Instant until) {
			this.until = until;
			return this;
		}

		/**
		 * An RSA key of so many bits instead of P-256.
		 */
		public Leaf rsa(int bits) {
			this.rsaBits = bits;
			return this;
		}

		/**
		 * An RSA public key with a modulus of so many bits that nobody has the private
		 * key of: it can be shown but not used.
		 */
		public Leaf rsaModulus(int bits) {
			this.modulusBits = bits;
			return this;
		}

		/**
		 * Where to ask whether it was revoked (OCSP).
		 */
		public Leaf responder(String url) {
			this.responder = url;
			return this;
		}

		/**
		 * Where the revocation list is.
		 */
		public Leaf list(String url) {
			this.list = url;
			return this;
		}

		/**
		 * An RSA key made of many small primes, so that making a very large one takes no
		 * time; it works like any other.
		 */
		public Leaf rsaOfSmallPrimes(int bits) {
			this.smallPrimesBits = bits;
			return this;
		}

		/**
		 * For example {@code SHA1}.
		 */
		public Leaf hash(String hash) {
			this.hash = hash;
			return this;
		}

		/**
		 * The only purpose, instead of a server's.
		 */
		public Leaf purpose(KeyPurposeId purpose) {
			this.purpose = purpose;
			return this;
		}

		private static KeyPair ofSmallPrimes(int bits) {
			BigInteger modulus = BigInteger.ONE;
			BigInteger order = BigInteger.ONE;
			BigInteger exponent = BigInteger.valueOf(65537);
			while (modulus.bitLength() + 512 <= bits) {
				BigInteger prime = BigInteger.probablePrime(512, RANDOM);
				modulus = modulus.multiply(prime);
				order = order.multiply(prime.subtract(BigInteger.ONE));
			}
			try {
				KeyFactory factory = KeyFactory.getInstance("RSA");
				return new KeyPair(factory.generatePublic(new RSAPublicKeySpec(modulus, exponent)),
						factory.generatePrivate(new RSAPrivateKeySpec(modulus, exponent.modInverse(order))));
			}
			catch (GeneralSecurityException ex) {
				throw new IllegalStateException(ex);
			}
		}

		private KeyPair key() {
			if (this.smallPrimesBits > 0) {
				return ofSmallPrimes(this.smallPrimesBits);
			}
			if (this.rsaBits == 0 && this.modulusBits == 0) {
				return ecKey();
			}
			try {
				if (this.modulusBits > 0) {
					BigInteger modulus = BigInteger.ONE.shiftLeft(this.modulusBits - 1).setBit(0);
					return new KeyPair(
							KeyFactory.getInstance("RSA")
								.generatePublic(new RSAPublicKeySpec(modulus, BigInteger.valueOf(65537))),
							ecKey().getPrivate());
				}
				KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
				generator.initialize(this.rsaBits, RANDOM);
				return generator.generateKeyPair();
			}
			catch (GeneralSecurityException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

	private record Issuer(X500Name name, PrivateKey key, X509Certificate certificate) {

		static Issuer from(KeyStore store, String alias, String password) throws GeneralSecurityException {
			X509Certificate certificate = (X509Certificate) store.getCertificate(alias);
			return new Issuer(X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
					(PrivateKey) store.getKey(alias, password.toCharArray()), certificate);
		}

		void into(KeyStore store, String alias, String password) throws GeneralSecurityException {
			store.setKeyEntry(alias, this.key, password.toCharArray(), new Certificate[] { this.certificate });
		}

	}

}
