package org.partnertls.exchange;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateKey;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Objects;

import com.microsoft.aad.msal4j.ClientCredentialFactory;
import com.microsoft.aad.msal4j.IClientCredential;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the application signs in with.
 */
final class Credential {

	private static final String KEY = "portal.exchange.certificate";

	private Credential() {
	}

	/**
	 * Loads it.
	 * @throws IllegalStateException with a sentence naming the key to correct
	 */
	static IClientCredential of(ExchangeProperties properties) {
		if (properties.certificate() == null) {
			return ClientCredentialFactory.createFromSecret(Objects.requireNonNull(properties.clientSecret()));
		}
		KeyPair pair = pair(properties.certificate(), properties.certificatePassword());
		return ClientCredentialFactory.createFromCertificate(pair.key(), pair.certificate());
	}

	/**
	 * Describes it.
	 * @throws IllegalStateException as {@link #of} does
	 */
	static SignInMeans means(ExchangeProperties properties) {
		if (properties.certificate() == null) {
			return new SignInMeans(false, null, null, null);
		}
		X509Certificate own = pair(properties.certificate(), properties.certificatePassword()).certificate();
		try {
			String thumbprint = HexFormat.of()
				.withUpperCase()
				.formatHex(MessageDigest.getInstance("SHA-1").digest(own.getEncoded()));
			return new SignInMeans(true, own.getSubjectX500Principal().getName(), thumbprint,
					own.getNotAfter().toInstant());
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(KEY + ": the certificate cannot be read.", ex);
		}
	}

	private record KeyPair(RSAPrivateKey key, X509Certificate certificate) {
	}

	private static KeyPair pair(Path file, @Nullable String password) {
		char[] characters = (password != null) ? password.toCharArray() : new char[0];
		KeyStore store = open(file, characters);
		try {
			for (String alias : Collections.list(store.aliases())) {
				Key key = store.getKey(alias, characters);
				// Entra ID's certificate assertions are RSA only in this library.
				if (key instanceof RSAPrivateKey rsa && store.getCertificate(alias) instanceof X509Certificate own) {
					return new KeyPair(rsa, own);
				}
			}
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(
					KEY + ": the key in " + file + " does not open with portal.exchange.certificate-password.", ex);
		}
		throw new IllegalStateException(KEY + ": there is no RSA key with its certificate in " + file
				+ "; other kinds of key do not work here.");
	}

	private static KeyStore open(Path file, char[] password) {
		if (!Files.isReadable(file)) {
			throw new IllegalStateException(KEY + ": the file " + file + " is not there or cannot be read.");
		}
		try (InputStream content = Files.newInputStream(file)) {
			KeyStore store = KeyStore.getInstance("PKCS12");
			store.load(content, password);
			return store;
		}
		catch (IOException | GeneralSecurityException ex) {
			throw new IllegalStateException(
					KEY + ": " + file + " is not a PKCS#12 file, or portal.exchange.certificate-password is wrong.",
					ex);
		}
	}

}
