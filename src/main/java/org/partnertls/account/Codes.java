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
import java.util.Objects;
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
import org.partnertls.mail.MailReturned;
import org.partnertls.mail.Outbox;
import org.partnertls.mail.Postman;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Retries;
import org.partnertls.organization.Words;

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
	 * @param subjectId what the code is about, for purposes that need it; to sign in: the
	 * partner, where it is known for which
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
		OneTimeCode code = this.codes.save(new OneTimeCode(purpose, subjectId, address, known && !tooMany, hash(secret),
				windowNumber(), from, Words.language(), now));
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
	 * What stands on this browser's page for whoever is phoned: it tells one of us which
	 * browser a code is for.
	 */
	@Transactional
	public Optional<String> window(Purpose purpose, HttpServletRequest request) {
		return ofBrowser(purpose, request).filter((code) -> !code.spent(this.clock.instant()))
			.map(OneTimeCode::windowNumber);
	}

	/**
	 * Makes a code that one of us reads out to somebody whom they have phoned. It is good
	 * only in the browser whose page shows the number, so that whoever overhears it, or
	 * has asked for a code in another browser, has nothing of it. A code that was mailed
	 * for the same browser ends. It signs in for the partner that has recorded the
	 * number, and for no other at the same address: a number proves nothing about those.
	 * @param number as it was told, spaces allowed
	 * @param phone the recorded number that was called
	 * @param why how the person was recognised
	 */
	@Transactional
	public ReadOut readOut(EmailAddress address, UUID partnerId, String number, String phone, String why) {
		Instant now = this.clock.instant();
		Optional<OneTimeCode> found = this.codes
			.findByWindow(address.key(), number.replaceAll("[^0-9]", ""), Purpose.SIGN_IN)
			.filter((code) -> code.isKnown() && !code.spent(now) && code.triesLeft() > 0);
		if (found.isEmpty()) {
			this.audit.append(Act.of("code.refused")
				.refused()
				.detail("purpose", Purpose.SIGN_IN.name())
				.detail("why", "no browser shows that number")
				.personal("address", address.key(), address.toString()));
			return new ReadOut.Refused("No browser that has asked for a code for this address in the last minutes shows"
					+ " that number. Ask the person to open the sign-in page, to enter this address, and to read out"
					+ " the number there.");
		}
		String code = newCode();
		OneTimeCode row = found.get();
		row.readOut(Objects.requireNonNull(this.encoder.encode(code)), partnerId, now, this.settings.readOutLife());
		this.codes.save(row);
		this.audit.append(Act.of("code.read-out")
			.on("code", row.id())
			.detail("purpose", row.purpose().name())
			.personal("address", address.key(), address.toString())
			.personal("phone", address.key(), phone)
			.reason(why));
		return new ReadOut.Made(spaced(code), now.plus(this.settings.readOutLife()));
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
		return new Answer.Right(code.address(), code.subjectId(), !code.isReadOut());
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

	private static String windowNumber() {
		return Integer.toString(100_000 + RANDOM.nextInt(900_000));
	}

	private static String newCode() {
		StringBuilder code = new StringBuilder();
		for (int i = 0; i < 8; i++) {
			code.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
		}
		return code.toString();
	}

	private static String spaced(String code) {
		return code.substring(0, 4) + "-" + code.substring(4);
	}

	private static byte[] random(int bytes) {
		byte[] random = new byte[bytes];
		RANDOM.nextBytes(random);
		return random;
	}

	/** What a code proves an address for. */
	public enum Purpose {

		/** To sign in as a partner's person. */
		SIGN_IN("to sign in", "/sign-in/code"),
		/** To confirm the address on a request form. */
		REQUEST("to confirm your address", "/request/code"),
		/** To take over from a colleague who is a partner's contact. */
		TAKE_OVER("to take over from your colleague", "/take-over/code");

		private final String words;

		private final String page;

		Purpose(String words, String page) {
			this.words = words;
			this.page = page;
		}

	}

	/** What came of a typed code. */
	public sealed interface Answer {

		/**
		 * It is right; the address is proven.
		 *
		 * @param byMail whether the code came by mail, and not by phone
		 */
		record Right(EmailAddress address, @Nullable UUID subjectId, boolean byMail) implements Answer {
		}

		/** It is wrong and may be tried again. */
		record Wrong(String message) implements Answer {
		}

		/** There is nothing left to try; a new code is needed. */
		record Over(String message) implements Answer {
		}

	}

	/** What came of asking for a code to read out. */
	public sealed interface ReadOut {

		/** It is to be read out now, and is shown once. */
		record Made(String code, Instant until) implements ReadOut {
		}

		/** There is no browser for it. */
		record Refused(String sentence) implements ReadOut {
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
				@Lazy Postman postman, @Lazy Outbox outbox, OrganizationProperties organization,
				TransactionTemplate transaction, Clock clock) {
			return Tasks.oneTime(TASK)
				.defaultPriority(30)
				.onFailure(Retries.thenPark(Duration.ofSeconds(5)))
				.execute((instance, context) -> {
					String code = newCode();
					OneTimeCode row = transaction.execute((status) -> {
						OneTimeCode found = codes.findById(UUID.fromString(instance.getId())).orElseThrow();
						if (!found.spent(clock.instant()) && !found.isReadOut()) {
							found.make(encoder.encode(code), clock.instant(), settings.codeLife());
							codes.save(found);
						}
						return found;
					});
					if (row == null || row.spent(clock.instant()) || row.isReadOut()) {
						return;
					}
					try {
						postman.deliver(Letter.to(row.address(), "code")
							.with("code", spaced(code))
							.with("purpose", row.purpose().words)
							.with("minutes", Long.toString(settings.codeLife().toMinutes()))
							.with("page", organization.link(row.purpose().page)));
					}
					catch (MailReturned ex) {
						transaction.executeWithoutResult(
								(status) -> outbox.returned(row.address(), ex.getMessage(), clock.instant()));
					}
				});
		}

		@Bean
		RecurringTask<Void> codeCleanup(OneTimeCodes codes, TransactionTemplate transaction, Clock clock) {
			return Tasks.recurring("code-cleanup", FixedDelay.ofHours(1))
				.execute((instance, context) -> transaction.executeWithoutResult(
						(status) -> codes.deleteOlderThan(clock.instant().minus(Duration.ofDays(1)))));
		}

	}

}
