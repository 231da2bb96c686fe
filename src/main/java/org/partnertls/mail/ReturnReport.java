package org.partnertls.mail;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;

/**
 * A delivery status notification (RFC 3464) about a letter of ours: that nobody is
 * reached at its address. Whatever else a server has to say, such as that it is late, is
 * none. Anybody can write one, so that it counts only for a letter whose id it names and
 * that went to the address that it names.
 *
 * @param letterId by the Message-ID of what came back
 * @param recipient who was not reached
 * @param why what the mail server said
 */
public record ReturnReport(UUID letterId, EmailAddress recipient, String why) {

	private static final int MOST_PARTS = 20;

	private static final int MOST_BYTES = 64 * 1024;

	private static final Pattern STATUS = Pattern.compile("(?im)^Status:\\s*5\\.(\\d{1,3})\\.(\\d{1,3})\\b");

	private static final Pattern ACTION = Pattern.compile("(?im)^Action:\\s*failed\\b");

	private static final Pattern RECIPIENT = Pattern
		.compile("(?im)^(?:Original|Final)-Recipient:\\s*rfc822\\s*;\\s*<?([^\\s<>;]+@[^\\s<>;]+?)>?\\s*$");

	private static final Pattern DIAGNOSTIC = Pattern
		.compile("(?im)^Diagnostic-Code:[^;\\r\\n]*;(.*(?:\\r?\\n[ \\t].*)*)");

	private static final Pattern MESSAGE_ID = Pattern
		.compile("(?im)^Message-ID:\\s*<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@");

	/**
	 * Reads a message.
	 * @param source as it came, a character for each byte; hostile, perhaps cut off
	 */
	public static Optional<ReturnReport> read(String source) {
		try {
			MimeMessage message = new MimeMessage(Session.getInstance(new Properties()),
					new ByteArrayInputStream(source.getBytes(StandardCharsets.ISO_8859_1)));
			if (!message.isMimeType("multipart/report") || !(message.getContent() instanceof Multipart parts)) {
				return Optional.empty();
			}
			String status = null;
			String original = null;
			for (int i = 0; i < Math.min(parts.getCount(), MOST_PARTS); i++) {
				Part part = parts.getBodyPart(i);
				if (part.isMimeType("message/delivery-status")) {
					status = text(part);
				}
				else if (part.isMimeType("message/rfc822") || part.isMimeType("text/rfc822-headers")
						|| part.isMimeType("message/rfc822-headers")) {
					original = text(part);
				}
			}
			return of(status, original);
		}
		catch (MessagingException | IOException | RuntimeException ex) {
			return Optional.empty();
		}
	}

	private static Optional<ReturnReport> of(@Nullable String status, @Nullable String original) {
		if (status == null || original == null || !ACTION.matcher(status).find()) {
			return Optional.empty();
		}
		Matcher code = STATUS.matcher(status);
		Matcher recipient = RECIPIENT.matcher(status);
		Matcher id = MESSAGE_ID.matcher(original);
		if (!code.find() || !recipient.find() || !id.find()
				|| !MailReturned.isNobody(Integer.parseInt(code.group(1)), Integer.parseInt(code.group(2)))) {
			return Optional.empty();
		}
		Matcher said = DIAGNOSTIC.matcher(status);
		String why = said.find() ? said.group(1) : "5." + code.group(1) + "." + code.group(2);
		return Optional.of(new ReturnReport(UUID.fromString(id.group(1)), EmailAddress.of(recipient.group(1)),
				MailReturned.shown(why)));
	}

	private static String text(Part part) throws IOException, MessagingException {
		try (InputStream content = part.getInputStream()) {
			return new String(content.readNBytes(MOST_BYTES), StandardCharsets.ISO_8859_1);
		}
	}

}
