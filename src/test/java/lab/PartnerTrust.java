package lab;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What the lab's senders of mail demand of a receiver's certificate, in the three steps
 * of Exchange Online's {@code TlsSettings}.
 */
final class PartnerTrust {

	private static final int DNS_NAME = 2;

	private PartnerTrust() {
	}

	/** {@code EncryptionOnly}: any certificate. */
	static SSLContext anything() {
		return context(new Checking(null, null));
	}

	/** {@code CertificateValidation}: issued by the authority and valid, for any name. */
	static SSLContext issuedBy(X509Certificate authority) {
		return context(new Checking(authority, null));
	}

	/**
	 * {@code DomainValidation}: and for a name that the domain covers or that covers it.
	 */
	static SSLContext issuedBy(X509Certificate authority, String domain) {
		return context(new Checking(authority, domain.toLowerCase(Locale.ROOT)));
	}

	private static SSLContext context(TrustManager trust) {
		try {
			SSLContext context = SSLContext.getInstance("TLS");
			context.init(null, new TrustManager[] { trust }, null);
			return context;
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static final class Checking extends X509ExtendedTrustManager {

		private final X509ExtendedTrustManager authority;

		private final String domain;

		Checking(X509Certificate authority, String domain) {
			this.authority = (authority != null) ? trusting(authority) : null;
			this.domain = domain;
		}

		private static X509ExtendedTrustManager trusting(X509Certificate authority) {
			try {
				KeyStore store = KeyStore.getInstance("PKCS12");
				store.load(null, null);
				store.setCertificateEntry("authority", authority);
				TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
				factory.init(store);
				return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
			}
			catch (GeneralSecurityException | java.io.IOException ex) {
				throw new IllegalStateException(ex);
			}
		}

		private void check(X509Certificate[] chain, String keyType) throws CertificateException {
			if (this.authority != null) {
				this.authority.checkServerTrusted(chain, keyType);
			}
			if (this.domain != null && names(chain[0]).stream().noneMatch(this::fits)) {
				throw new CertificateException(
						"The certificate is for " + names(chain[0]) + ", not for " + this.domain + ".");
			}
		}

		private static List<String> names(X509Certificate certificate) throws CertificateException {
			Collection<List<?>> names = certificate.getSubjectAlternativeNames();
			return (names == null) ? List.of()
					: names.stream()
						.filter((name) -> Objects.equals(name.getFirst(), DNS_NAME))
						.map((name) -> String.valueOf(name.get(1)).toLowerCase(Locale.ROOT))
						.toList();
		}

		private boolean fits(String name) {
			return covers(name, this.domain) || covers(this.domain, name);
		}

		private static boolean covers(String pattern, String name) {
			return pattern.equals(name) || (pattern.startsWith("*.") && name.endsWith(pattern.substring(1))
					&& name.indexOf('.') == name.length() - pattern.length() + 1);
		}

		@Override
		public void checkServerTrusted(X509Certificate[] chain, String keyType) throws CertificateException {
			check(chain, keyType);
		}

		@Override
		public void checkServerTrusted(X509Certificate[] chain, String keyType, Socket socket)
				throws CertificateException {
			check(chain, keyType);
		}

		@Override
		public void checkServerTrusted(X509Certificate[] chain, String keyType, SSLEngine engine)
				throws CertificateException {
			check(chain, keyType);
		}

		@Override
		public void checkClientTrusted(X509Certificate[] chain, String keyType) throws CertificateException {
			throw new CertificateException("Clients are not asked.");
		}

		@Override
		public void checkClientTrusted(X509Certificate[] chain, String keyType, Socket socket)
				throws CertificateException {
			checkClientTrusted(chain, keyType);
		}

		@Override
		public void checkClientTrusted(X509Certificate[] chain, String keyType, SSLEngine engine)
				throws CertificateException {
			checkClientTrusted(chain, keyType);
		}

		@Override
		public X509Certificate[] getAcceptedIssuers() {
			return new X509Certificate[0];
		}

	}

}
