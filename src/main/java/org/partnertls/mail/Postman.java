package org.partnertls.mail;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Date;
import java.util.UUID;

import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import org.eclipse.angus.mail.smtp.SMTPMessage;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;

import org.springframework.mail.MailException;
import org.springframework.mail.javamail.JavaMailSender;
import org.springframework.stereotype.Component;

/**
 * Renders a letter and hands it to the mail server, now. Whoever can wait uses the
 * {@link Outbox}.
 */
@Component
public class Postman {

	private final JavaMailSender sender;

	private final MailProperties settings;

	private final OrganizationProperties organization;

	private final Clock clock;

	private final Letters letters;

	private final ReaderLanguage readers;

	Postman(JavaMailSender sender, MailProperties settings, OrganizationProperties organization, Letters letters,
			ReaderLanguage readers, Clock clock) {
		this.sender = sender;
		this.settings = settings;
		this.organization = organization;
		this.clock = clock;
		this.letters = letters;
		this.readers = readers;
	}

	/**
	 * Sends a letter under a new Message-ID.
	 * @throws MailReturned when the server says that nobody is there
	 * @throws org.springframework.mail.MailException when the server does not take it
	 */
	public void deliver(Letter letter) {
		deliver(letter, UUID.randomUUID());
	}

	/**
	 * Sends a letter under a Message-ID made of the given id, so that a second try of the
	 * same letter can be told as such.
	 */
	void deliver(Letter letter, UUID id) {
		Letters.Rendered rendered = this.letters.render(letter,
				letter.language().orElseGet(() -> this.readers.languageOf(letter.to(), letter.partnerId())));
		Identified message = new Identified(this.sender.createMimeMessage(),
				"<" + id + "@" + this.settings.from().domain() + ">");
		try {
			message.setFrom(new InternetAddress(this.settings.from().toString(), this.organization.name(),
					StandardCharsets.UTF_8.name()));
			message.setReplyTo(
					new InternetAddress[] { new InternetAddress(this.organization.supportAddress().toString(), true) });
			message.setRecipient(jakarta.mail.Message.RecipientType.TO,
					new InternetAddress(letter.to().toString(), true));
			message.setSubject(rendered.subject(), StandardCharsets.UTF_8.name());
			message.setContent(content(rendered));
			message.setHeader("Auto-Submitted", "auto-generated");
			EmailAddress returnsTo = this.settings.returnsTo();
			if (returnsTo != null) {
				message.setEnvelopeFrom(returnsTo.toString());
			}
			message.setSentDate(Date.from(this.clock.instant()));
		}
		catch (MessagingException | java.io.UnsupportedEncodingException ex) {
			throw new org.springframework.mail.MailPreparationException(ex);
		}
		try {
			this.sender.send(message);
		}
		catch (MailException ex) {
			throw MailReturned.of(ex).<MailException>map((returned) -> returned).orElse(ex);
		}
	}

	/** The same twice; a program for mail shows the last that it can. */
	private static MimeMultipart content(Letters.Rendered rendered) throws MessagingException {
		MimeBodyPart text = new MimeBodyPart();
		text.setText(rendered.text(), StandardCharsets.UTF_8.name());
		MimeBodyPart html = new MimeBodyPart();
		html.setText(rendered.html(), StandardCharsets.UTF_8.name(), "html");
		return new MimeMultipart("alternative", text, html);
	}

	/** Keeps its Message-ID when it is saved. */
	private static final class Identified extends SMTPMessage {

		private final String messageId;

		private Identified(MimeMessage blank, String messageId) {
			super(blank.getSession());
			this.messageId = messageId;
		}

		@Override
		protected void updateMessageID() throws MessagingException {
			setHeader("Message-ID", this.messageId);
		}

	}

}
