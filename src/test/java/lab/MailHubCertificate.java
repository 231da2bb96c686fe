package lab;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A self-signed certificate for one host name, and both sides' TLS settings for it.
 *
 * @param server presents the certificate
 * @param client trusts it and nothing else
 */
record MailHubCertificate(SSLContext server, SSLContext client) {

	private static final char[] NO_PASSWORD = new char[0];

	@SuppressWarnings("JavaUtilDate") // the certificate builder's own type
	static MailHubCertificate forHost(String host) {
		try {
			KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
			generator.initialize(256);
			KeyPair keys = generator.generateKeyPair();
			X500Name name = new X500Name("CN=" + host);
			Instant now = Instant.now();
			X509Certificate certificate = new JcaX509CertificateConverter()
				.getCertificate(new JcaX509v3CertificateBuilder(name, new BigInteger(64, new SecureRandom()),
						Date.from(now.minus(Duration.ofDays(1))), Date.from(now.plus(Duration.ofDays(90))), name,
						keys.getPublic())
					.addExtension(Extension.subjectAlternativeName, false,
							new GeneralNames(new GeneralName(GeneralName.dNSName, host)))
					.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
			KeyStore store = KeyStore.getInstance("PKCS12");
			store.load(null, NO_PASSWORD);
			store.setKeyEntry("mx", keys.getPrivate(), NO_PASSWORD, new X509Certificate[] { certificate });
			KeyManagerFactory key = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
			key.init(store, NO_PASSWORD);
			SSLContext server = SSLContext.getInstance("TLS");
			server.init(key.getKeyManagers(), null, null);
			KeyStore trusted = KeyStore.getInstance("PKCS12");
			trusted.load(null, NO_PASSWORD);
			trusted.setCertificateEntry("mx", certificate);
			TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			trust.init(trusted);
			SSLContext client = SSLContext.getInstance("TLS");
			client.init(null, trust.getTrustManagers(), null);
			return new MailHubCertificate(server, client);
		}
		catch (GeneralSecurityException | IOException | OperatorCreationException ex) {
			throw new IllegalStateException("No certificate for " + host, ex);
		}
	}

}
