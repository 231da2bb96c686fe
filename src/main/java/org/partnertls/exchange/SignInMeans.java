package org.partnertls.exchange;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * What the application signs in with.
 *
 * @param certificate whether it is a certificate; otherwise a client secret
 * @param subject the certificate's subject; null for a secret
 * @param thumbprint SHA-1 of the certificate in upper-case hex, as Entra ID lists it;
 * null for a secret
 * @param expires when the certificate ends; null for a secret, whose end only Entra ID
 * knows
 */
public record SignInMeans(boolean certificate, @Nullable String subject, @Nullable String thumbprint,
		@Nullable Instant expires) {
}
