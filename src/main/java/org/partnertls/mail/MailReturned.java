package org.partnertls.mail;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import jakarta.mail.MessagingException;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;

import org.springframework.mail.MailException;
import org.springframework.mail.MailSendException;

/**
 * A mail server said for good that nobody is reached at an address: trying again would
 * change nothing. The message is what it said, bounded.
 */
public class MailReturned extends MailException {

	private static final long serialVersionUID = 1L;

	private static final int LONGEST = 300;

	/** RFC 3463: the subject after the class says what is wrong. */
	private static final Pattern ENHANCED = Pattern.compile("\\b5\\.(\\d{1,3})\\.(\\d{1,3})\\b");

	MailReturned(String why) {
		super(shown(why));
	}

	@Override
	public String getMessage() {
		return String.valueOf(super.getMessage());
	}

	static String shown(String said) {
		String clean = said.replaceAll("[\\p{C}\\s]+", " ").strip();
		return clean.substring(0, Math.min(clean.length(), LONGEST));
	}

	/**
	 * Reads a failure. What is our fault, or may pass, is none of these.
	 */
	static Optional<MailReturned> of(MailException failure) {
		if (!(failure instanceof MailSendException send)) {
			return Optional.empty();
		}
		return Arrays.stream(send.getMessageExceptions())
			.flatMap((each) -> refusal(each).stream())
			.findFirst()
			.map(MailReturned::new);
	}

	private static Optional<String> refusal(Exception failure) {
		Exception cause = failure;
		for (int depth = 0; depth < 10 && cause != null; depth++) {
			int code = switch (cause) {
				case SMTPAddressFailedException address -> address.getReturnCode();
				case SMTPSendFailedException message -> message.getReturnCode();
				default -> 0;
			};
			String said = String.valueOf(cause.getMessage());
			if (isNobody(code, said)) {
				return Optional.of(said);
			}
			cause = (cause instanceof MessagingException messaging) ? messaging.getNextException() : null;
		}
		return Optional.empty();
	}

	/**
	 * Whether a server's answer says that the mailbox is not there: policy (5.7), size,
	 * protocol and a full mailbox are other matters.
	 */
	static boolean isNobody(int code, String said) {
		if (code / 100 != 5) {
			return false;
		}
		Matcher enhanced = ENHANCED.matcher(said);
		if (enhanced.find()) {
			return isNobody(Integer.parseInt(enhanced.group(1)), Integer.parseInt(enhanced.group(2)));
		}
		return code == 550 || code == 551 || code == 553;
	}

	/** The same for an enhanced status code 5.x.y (RFC 3463). */
	static boolean isNobody(int subject, int detail) {
		// 5.1.7 and 5.1.8 are about the sender.
		return (subject == 1 && detail != 7 && detail != 8) || (subject == 2 && detail == 1);
	}

}
