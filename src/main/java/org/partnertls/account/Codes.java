package org.partnertls.account;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.mail.Letter;
import org.partnertls.mail.Postman;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Retries;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.http.ResponseCookie;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * One-time codes by mail: eight characters, typed in the browser that asked, good for ten
 * minutes, five tries and one use. Whoever asks gets the same answer whether or not the
 * address is known.
 */
@Component
public class Codes {

	private static final String COOKIE = "PORTALCODE";

	// Without letters and digits that look alike: 28^8 is 3.8e11 codes.
	private static final String ALPHABET = "BCDFGHJKLMNPQRSTVWXZ23456789";

	private static final SecureRandom RANDOM = new SecureRandom();

	private final OneTimeCodes codes;

	private final AccountProperties settings;

	private final PasswordEncoder encoder;

	private final SchedulerClient scheduler;

	private final OrganizationProperties organization;

	private final AuditLog audit;

	private final Clock clock;

	Codes(OneTimeCodes codes, AccountProperties settings, PasswordEncoder encoder, @Lazy SchedulerClient scheduler,
			OrganizationProperties organization, AuditLog audit, Clock clock) {
		this.codes = codes;
		this.settings = settings;
		this.encoder = encoder;
		this.scheduler = scheduler;
		this.organization = organization;
		this.audit = audit;
		this.clock = clock;
	}

	/**
	 * Has a code mailed to an address and binds it to this browser by a cookie.
	 * @param known whether the address gets one at all; the browser cannot tell
	 * @param subjectId what the code is about, for purposes that need it
	 */
	@Transactional
	public void send(Purpose purpose, @Nullable UUID subjectId, EmailAddress address, boolean known,
			HttpServletRequest request, HttpServletResponse response) {
		Instant now = this.clock.instant();
		String from = request.getRemoteAddr();
		Instant hourAgo = now.minus(Duration.ofHours(1));
		boolean tooMany = this.codes.countByAddressKeyAndAskedAtAfter(address.key(),
				hourAgo) >= this.settings.codesPerAddress()
				|| this.codes.countByAskedFromAndAskedAtAfter(from, hourAgo) >= this.settings.codesPerSource();
		String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(random(32));
		OneTimeCode code = this.codes
			.save(new OneTimeCode(purpose, subjectId, address, known && !tooMany, hash(secret), from, now));
		this.audit
			.append((tooMany ? Act.of("code.refused").refused().detail("why", "too many codes") : Act.of("code.asked"))
				.on("code", code.id())
				.detail("purpose", purpose.name())
				.personal("address", address.key(), address.toString()));
		if (code.isKnown()) {
			this.scheduler.scheduleIfNotExists(SendCode.TASK.instance(code.id().toString()).scheduledTo(now));
		}
		response.addHeader("Set-Cookie", cookie(secret, Duration.ofMinutes(30)));
	}

	/** The address to which this browser's latest code of the purpose went. */
	@Transactional
	public Optional<EmailAddress> pending(Purpose purpose, HttpServletRequest request) {
		return ofBrowser(purpose, request).filter((code) -> !code.spent(this.clock.instant()))
			.map(OneTimeCode::address);
	}

	/**
	 * Checks what was typed against this browser's latest code. Each call counts as a
	 * try.
	 * @param typed with or without spaces and hyphens, in any case
	 */
	@Transactional
	public Answer check(Purpose purpose, String typed, HttpServletRequest request) {
		Optional<OneTimeCode> found = ofBrowser(purpose, request);
		if (found.isEmpty()) {
			return new Answer.Over("This browser has not asked for a code, or too long ago. Ask for a new one.");
		}
		OneTimeCode code = found.get();
		Instant now = this.clock.instant();
		if (code.spent(now)) {
			refuse(code, code.expired(now) ? "expired" : "used before");
			return new Answer.Over("That code is no longer good. Ask for a new one.");
		}
		if (code.triesLeft() == 0) {
			refuse(code, "guessed too often");
			return new Answer.Over("Too many wrong codes. Ask for a new one.");
		}
		code.count();
		String clean = typed.replaceAll("[\\s-]", "").toUpperCase(Locale.ROOT);
		String encoded = code.encoded();
		if (encoded == null || clean.length() > 64 || !this.encoder.matches(clean, encoded)) {
			this.codes.save(code);
			refuse(code, "wrong code");
			int left = code.triesLeft();
			return (left == 0) ? new Answer.Over("Too many wrong codes. Ask for a new one.")
					: new Answer.Wrong("That is not the code in the latest message. " + left
							+ ((left == 1) ? " try is left." : " tries are left."));
		}
		code.use(now);
		this.codes.save(code);
		return new Answer.Right(code.address(), code.subjectId());
	}

	private void refuse(OneTimeCode code, String why) {
		this.audit.append(Act.of("code.refused")
			.refused()
			.on("code", code.id())
			.detail("why", why)
			.detail("purpose", code.purpose().name())
			.personal("address", code.address().key(), code.address().toString()));
	}

	private Optional<OneTimeCode> ofBrowser(Purpose purpose, HttpServletRequest request) {
		Cookie[] cookies = request.getCookies();
		if (cookies == null) {
			return Optional.empty();
		}
		for (Cookie cookie : cookies) {
			if (cookie.getName().equals(COOKIE)) {
				return this.codes.findByBrowser(hash(cookie.getValue()), purpose);
			}
		}
		return Optional.empty();
	}

	private String cookie(String secret, Duration life) {
		return ResponseCookie.from(COOKIE, secret)
			.httpOnly(true)
			.secure("https".equals(this.organization.baseUrl().getScheme()))
			.sameSite("Lax")
			.path("/")
			.maxAge(life)
			.build()
			.toString();
	}

	private static String hash(String secret) {
		try {
			return HexFormat.of()
				.formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("every Java platform has SHA-256", ex);
		}
	}

	private static byte[] random(int bytes) {
		byte[] random = new byte[bytes];
		RANDOM.nextBytes(random);
		return random;
	}

	/** What a code proves an address for. */
	public enum Purpose {

		/** To sign in as a partner's person. */
		SIGN_IN,
		/** To confirm the address on a request form. */
		REQUEST

	}

	/** What came of a typed code. */
	public sealed interface Answer {

		/** It is right; the address is proven. */
		record Right(EmailAddress address, @Nullable UUID subjectId) implements Answer {
		}

		/** It is wrong and may be tried again. */
		record Wrong(String message) implements Answer {
		}

		/** There is nothing left to try; a new code is needed. */
		record Over(String message) implements Answer {
		}

	}

	/**
	 * Makes and mails codes. The job knows the row only: the code exists in the message
	 * and, encoded, in the row.
	 */
	@Configuration(proxyBeanMethods = false)
	static class SendCode {

		static final com.github.kagkarlsson.scheduler.task.TaskDescriptor<Void> TASK = com.github.kagkarlsson.scheduler.task.TaskDescriptor
			.of("code-mail");

		@Bean
		OneTimeTask<Void> codeMail(OneTimeCodes codes, AccountProperties settings, PasswordEncoder encoder,
				@Lazy Postman postman, OrganizationProperties organization, TransactionTemplate transaction,
				Clock clock) {
			return Tasks.oneTime(TASK)
				.defaultPriority(30)
				.onFailure(Retries.thenPark(Duration.ofSeconds(5)))
				.execute((instance, context) -> {
					String code = newCode();
					OneTimeCode row = transaction.execute((status) -> {
						OneTimeCode found = codes.findById(UUID.fromString(instance.getId())).orElseThrow();
						if (!found.spent(clock.instant())) {
							found.make(encoder.encode(code), clock.instant(), settings.codeLife());
							codes.save(found);
						}
						return found;
					});
					if (row != null && !row.spent(clock.instant())) {
						postman.deliver(Letter.to(row.address(), "code")
							.with("code", code.substring(0, 4) + "-" + code.substring(4))
							.with("purpose",
									(row.purpose() == Purpose.SIGN_IN) ? "to sign in" : "to confirm your address")
							.with("minutes", Long.toString(settings.codeLife().toMinutes()))
							.with("page", organization
								.link((row.purpose() == Purpose.SIGN_IN) ? "/sign-in/code" : "/request/code")));
					}
				});
		}

		@Bean
		RecurringTask<Void> codeCleanup(OneTimeCodes codes, TransactionTemplate transaction, Clock clock) {
			return Tasks.recurring("code-cleanup", FixedDelay.ofHours(1))
				.execute((instance, context) -> transaction.executeWithoutResult(
						(status) -> codes.deleteOlderThan(clock.instant().minus(Duration.ofDays(1)))));
		}

		private static String newCode() {
			StringBuilder code = new StringBuilder();
			for (int i = 0; i < 8; i++) {
				code.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
			}
			return code.toString();
		}

	}

}
