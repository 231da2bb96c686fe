package org.partnertls.alarm;

import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.Http;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who hears of alarms, and how.
 *
 * @param addresses who is told by mail when an alarm opens; empty:
 * {@code mail.administrators}
 * @param escalateAfter how long an alarm waits for somebody to acknowledge it before it
 * is escalated
 * @param escalationAddresses who is told by mail when it is escalated; empty:
 * {@code addresses} once more
 * @param webhooks who is told by webhook, each with {@code name}, {@code url} (https;
 * plain http for loopback only), {@code kind} ({@code generic}: signed by Standard
 * Webhooks with {@code secret}, which is {@code whsec_} and the base64 of 24 to 64 bytes;
 * {@code teams}: the address of a Workflows webhook) and {@code escalations-only}; empty:
 * nobody
 */
@ConfigurationProperties("portal.alarm")
public record AlarmProperties(@DefaultValue List<EmailAddress> addresses, @DefaultValue("1h") Duration escalateAfter,
		@DefaultValue List<EmailAddress> escalationAddresses, @DefaultValue List<Webhook> webhooks) {

	public AlarmProperties {
		addresses = List.copyOf(addresses);
		escalationAddresses = List.copyOf(escalationAddresses);
		webhooks = List.copyOf(webhooks);
		if (escalateAfter.compareTo(Duration.ofMinutes(1)) < 0 || escalateAfter.compareTo(Duration.ofDays(7)) > 0) {
			throw new IllegalArgumentException("portal.alarm.escalate-after must be between a minute and 7 days.");
		}
		Set<String> names = new HashSet<>();
		for (Webhook webhook : webhooks) {
			if (!names.add(webhook.name())) {
				throw new IllegalArgumentException(
						"portal.alarm.webhooks has two with the name \"" + webhook.name() + "\".");
			}
		}
	}

	Optional<Webhook> webhook(String name) {
		return this.webhooks.stream().filter((one) -> one.name().equals(name)).findFirst();
	}

	/**
	 * Somebody who is told by an HTTP request.
	 *
	 * @param name by which people know it
	 * @param url where to; that of a Teams workflow is a secret itself
	 * @param kind which form of message it takes
	 * @param secret with which messages are signed
	 * @param escalationsOnly whether it hears nothing but what nobody acknowledged
	 */
	record Webhook(String name, URI url, Kind kind, @Nullable String secret,
			@DefaultValue("false") boolean escalationsOnly) {

		Webhook {
			if (!name.matches("[A-Za-z0-9][A-Za-z0-9 _-]{0,39}")) {
				throw new IllegalArgumentException("portal.alarm.webhooks: a name has up to 40 letters, digits, spaces,"
						+ " hyphens and underscores, but one is \"" + name + "\".");
			}
			String scheme = (url.getScheme() != null) ? url.getScheme().toLowerCase(Locale.ROOT) : "";
			if (url.getHost() == null || url.getRawUserInfo() != null || url.getRawFragment() != null
					|| !(scheme.equals("https") || (scheme.equals("http") && Http.isLoopback(url.getHost())))) {
				throw new IllegalArgumentException("portal.alarm.webhooks: the url of \"" + name
						+ "\" must start with https://; plain http is accepted for loopback addresses (127.0.0.1) only.");
			}
			if (kind == Kind.GENERIC && Signature.key(secret).isEmpty()) {
				throw new IllegalArgumentException("portal.alarm.webhooks: \"" + name
						+ "\" needs a secret: whsec_ and the base64 of 24 to 64 random bytes.");
			}
			if (kind == Kind.TEAMS && secret != null && !secret.isEmpty()) {
				throw new IllegalArgumentException("portal.alarm.webhooks: \"" + name
						+ "\" takes no secret: Teams does not look at signatures, keep its url secret instead.");
			}
		}

		/**
		 * Whether it is told of something that is, or is not, about what nobody
		 * acknowledged.
		 */
		boolean hears(boolean escalated) {
			return escalated || !this.escalationsOnly;
		}

		/** The part of the address that is no secret. */
		public String host() {
			return this.url.getHost();
		}

		/** Without secrets. */
		@Override
		public String toString() {
			return this.name + " (" + this.kind.words() + ", " + host()
					+ (this.escalationsOnly ? ", escalations only)" : ")");
		}

	}

	/** Which form of message. */
	enum Kind {

		GENERIC("Standard Webhooks"), TEAMS("Microsoft Teams");

		private final String words;

		Kind(String words) {
			this.words = words;
		}

		public String words() {
			return this.words;
		}

	}

}
