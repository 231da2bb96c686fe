package org.partnertls.exchange;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Http;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the portal reaches Exchange Online.
 *
 * @param mode {@code api}: the portal changes connectors itself; {@code script}: it only
 * writes down what to run. Without it, {@code api} when a tenant is named
 * @param tenantId the tenant's GUID
 * @param clientId the application's GUID
 * @param certificate a PKCS#12 file with the application's RSA key
 * @param certificatePassword opens the file
 * @param clientSecret instead of a certificate; for trying out
 * @param cloud which Microsoft cloud the tenant is in
 * @param endpoint instead of the cloud's Exchange address; plain http for loopback only
 * @param authority instead of the cloud's sign-in address; plain http for loopback only
 * @param connectTimeout until a connection stands
 * @param readTimeout until a Get is answered whole
 * @param writeTimeout until a New, Set or Remove is answered whole
 * @param validateTimeout until a validation is answered whole; Exchange Online itself
 * ends cmdlets after 15 minutes
 * @param retryPause before a question is repeated for the first time; each further pause
 * is twice as long
 */
@ConfigurationProperties("portal.exchange")
public record ExchangeProperties(@Nullable Mode mode, @Nullable String tenantId, @Nullable String clientId,
		@Nullable Path certificate, @Nullable String certificatePassword, @Nullable String clientSecret,
		@DefaultValue("worldwide") Cloud cloud, @Nullable URI endpoint, @Nullable URI authority,
		@DefaultValue("10s") Duration connectTimeout, @DefaultValue("60s") Duration readTimeout,
		@DefaultValue("120s") Duration writeTimeout, @DefaultValue("10m") Duration validateTimeout,
		@DefaultValue("1s") Duration retryPause) {

	private static final Pattern GUID = Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

	private static final Duration LONGEST = Duration.ofMinutes(15);

	public ExchangeProperties {
		tenantId = guid("tenant-id", tenantId);
		clientId = guid("client-id", clientId);
		certificatePassword = emptyToNull(certificatePassword);
		clientSecret = emptyToNull(clientSecret);
		mode = (mode != null) ? mode : ((tenantId != null) ? Mode.API : Mode.SCRIPT);
		checkAddress("endpoint", endpoint);
		checkAddress("authority", authority);
		checkDuration("connect-timeout", connectTimeout);
		checkDuration("read-timeout", readTimeout);
		checkDuration("write-timeout", writeTimeout);
		checkDuration("validate-timeout", validateTimeout);
		if (retryPause.isNegative() || retryPause.compareTo(Duration.ofSeconds(5)) > 0) {
			throw new IllegalArgumentException("portal.exchange.retry-pause must be at most 5 seconds.");
		}
		if (mode == Mode.API) {
			require("tenant-id", tenantId);
			require("client-id", clientId);
			if ((certificate == null) == (clientSecret == null)) {
				throw new IllegalArgumentException("Set either portal.exchange.certificate (a PKCS#12 file) or"
						+ " portal.exchange.client-secret, so that the portal can sign in to Exchange Online.");
			}
		}
	}

	/**
	 * Whether the portal itself calls Exchange Online.
	 */
	public enum Mode {

		API, SCRIPT

	}

	/**
	 * Where cmdlets are sent, without a trailing slash.
	 */
	URI endpointInUse() {
		return withoutSlash((this.endpoint != null) ? this.endpoint : this.cloud.resource());
	}

	/**
	 * Where tokens come from, without a trailing slash and without the tenant.
	 */
	URI authorityInUse() {
		return withoutSlash((this.authority != null) ? this.authority : this.cloud.authority());
	}

	private static URI withoutSlash(URI address) {
		String text = address.toString();
		return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : address;
	}

	private static @Nullable String guid(String key, @Nullable String given) {
		if (given == null || given.isBlank()) {
			return null;
		}
		String lower = given.strip().toLowerCase(Locale.ROOT);
		if (!GUID.matcher(lower).matches()) {
			throw new IllegalArgumentException("portal.exchange." + key
					+ " must be a GUID such as 11111111-2222-3333-4444-555555555555 (Entra admin centre, overview page).");
		}
		return lower;
	}

	private static @Nullable String emptyToNull(@Nullable String given) {
		return (given == null || given.isEmpty()) ? null : given;
	}

	private static void require(String key, @Nullable String value) {
		if (value == null) {
			throw new IllegalArgumentException(
					"Set portal.exchange." + key + ", or set portal.exchange.mode to script.");
		}
	}

	private static void checkAddress(String key, @Nullable URI address) {
		if (address == null) {
			return;
		}
		String scheme = (address.getScheme() != null) ? address.getScheme().toLowerCase(Locale.ROOT) : "";
		if (address.getHost() == null || !(scheme.equals("https") || scheme.equals("http"))
				|| address.getRawUserInfo() != null || address.getRawQuery() != null
				|| address.getRawFragment() != null) {
			throw new IllegalArgumentException(
					"portal.exchange." + key + " must be an address such as https://outlook.office365.com.");
		}
		if (scheme.equals("http") && !Http.isLoopback(address.getHost())) {
			throw new IllegalArgumentException("portal.exchange." + key
					+ " must start with https://; plain http is accepted for loopback addresses (127.0.0.1) only.");
		}
	}

	private static void checkDuration(String key, Duration value) {
		if (value.isNegative() || value.isZero() || value.compareTo(LONGEST) > 0) {
			throw new IllegalArgumentException(
					"portal.exchange." + key + " must be more than zero and at most 15 minutes.");
		}
	}

	/**
	 * Without the secrets.
	 */
	@Override
	public String toString() {
		return "ExchangeProperties[mode=" + this.mode + ", tenantId=" + this.tenantId + ", clientId=" + this.clientId
				+ ", cloud=" + this.cloud + ", endpoint=" + endpointInUse() + ", authority=" + authorityInUse() + "]";
	}

}
