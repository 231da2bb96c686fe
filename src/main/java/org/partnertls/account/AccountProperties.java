package org.partnertls.account;

import java.time.Duration;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Sign-in.
 *
 * @param issuer the staff's OpenID Connect issuer; for Entra ID the tenanted one,
 * {@code https://login.microsoftonline.com/<tenant id>/v2.0}
 * @param clientId the portal's client id there
 * @param clientSecret the portal's client secret there
 * @param longest how long a sign-in lasts at most
 * @param codeLife how long a one-time code is good for
 * @param readOutLife how long a code is good for that one of us reads out on the phone
 * @param codesPerAddress how many codes one address can get within an hour
 * @param codesPerSource how many codes one IP address can ask for within an hour
 */
@Validated
@ConfigurationProperties("portal.account")
record AccountProperties(@NotBlank String issuer, @NotBlank String clientId, @NotBlank String clientSecret,
		@NotNull @DefaultValue("8h") Duration longest, @NotNull @DefaultValue("10m") Duration codeLife,
		@NotNull @DefaultValue("5m") Duration readOutLife, @DefaultValue("10") int codesPerAddress,
		@DefaultValue("60") int codesPerSource) {
}
