package org.partnertls.mail;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import org.eclipse.angus.mail.smtp.SMTPMessage;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;
import org.thymeleaf.TemplateEngine;
import org.thymeleaf.context.Context;
import org.thymeleaf.spring6.SpringTemplateEngine;
import org.thymeleaf.templatemode.TemplateMode;
import org.thymeleaf.templateresolver.ClassLoaderTemplateResolver;

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

	private final TemplateEngine templates;

	Postman(JavaMailSender sender, MailProperties settings, OrganizationProperties organization, Clock clock) {
		this.sender = sender;
		this.settings = settings;
		this.organization = organization;
		this.clock = clock;
		this.templates = textTemplates();
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
		Rendered rendered = render(letter);
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
			message.setText(rendered.text(), StandardCharsets.UTF_8.name());
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

	/** The letter as it will be read. */
	Rendered render(Letter letter) {
		Map<String, Object> variables = new HashMap<>(letter.model());
		variables.put("org", this.organization);
		variables.put("to", letter.to().toString());
		Context context = new Context();
		context.setVariables(variables);
		String text = this.templates.process(letter.template(), context);
		int firstLine = text.indexOf('\n');
		// Whatever a partner typed may stand in a subject: it must not start a new
		// header.
		String subject = text.substring(0, firstLine).replaceAll("\\p{Cntrl}", " ").strip();
		return new Rendered(subject, text.substring(firstLine + 1).strip() + "\n");
	}

	private static TemplateEngine textTemplates() {
		ClassLoaderTemplateResolver resolver = new ClassLoaderTemplateResolver();
		resolver.setPrefix("templates/mail/");
		resolver.setSuffix(".txt");
		resolver.setTemplateMode(TemplateMode.TEXT);
		resolver.setCharacterEncoding(StandardCharsets.UTF_8.name());
		SpringTemplateEngine engine = new SpringTemplateEngine();
		engine.setTemplateResolver(resolver);
		return engine;
	}

	/** A rendered letter. */
	record Rendered(String subject, String text) {
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
