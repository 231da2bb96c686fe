package org.partnertls;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.icegreen.greenmail.util.GreenMail;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.internet.MimeMessage;

import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the portal has sent to an address in a test, newest first.
 */
public final class Inbox {

	private static final Pattern CODE = Pattern.compile("[A-Z0-9]{4}-[A-Z0-9]{4}");

	private Inbox() {
	}

	/** Subjects and texts, after all that is due has run. */
	public static List<String> of(ApplicationContext context, String address) {
		context.getBean(Jobs.class).runDue();
		return received(context, address);
	}

	/** Subjects and texts of what has come by now. */
	private static List<String> received(ApplicationContext context, String address) {
		List<String> found = new ArrayList<>();
		try {
			for (MimeMessage message : context.getBean(GreenMail.class).getReceivedMessages()) {
				if (message.getRecipients(Message.RecipientType.TO)[0].toString().equalsIgnoreCase(address)) {
					found.addFirst(message.getSubject() + "\n" + text(message));
				}
			}
		}
		catch (MessagingException ex) {
			throw new IllegalStateException(ex);
		}
		return found;
	}

	/** The plain text of a letter, which carries an HTML form of it as well. */
	public static String text(MimeMessage message) {
		try {
			return ((Multipart) message.getContent()).getBodyPart(0).getContent().toString().replace("\r\n", "\n");
		}
		catch (MessagingException | IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** The newest one-time code. */
	public static String code(ApplicationContext context, String address) {
		return code(of(context, address));
	}

	/** The newest one-time code that has come by now. */
	public static String codeReceived(ApplicationContext context, String address) {
		return code(received(context, address));
	}

	private static String code(List<String> letters) {
		Matcher code = CODE.matcher(letters.getFirst());
		assertThat(code.find()).isTrue();
		return code.group();
	}

}
