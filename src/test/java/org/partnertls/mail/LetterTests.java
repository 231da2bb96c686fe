package org.partnertls.mail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import com.icegreen.greenmail.util.GreenMail;
import jakarta.mail.Multipart;
import jakarta.mail.internet.MimeMessage;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.Inbox;
import org.partnertls.PortalTest;
import org.partnertls.account.People;
import org.partnertls.organization.EmailAddress;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

@PortalTest
class LetterTests {

	@Autowired
	private ApplicationContext context;

	@Autowired
	private Letters letters;

	@Autowired
	private Postman postman;

	@Autowired
	private GreenMail greenMail;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private MockMvcTester mvc;

	@Test
	void everyTextIsALetterWithAGermanFormThatHasTheSamePlaces() throws IOException {
		try (Stream<Path> files = Files.list(Path.of("src/main/resources/templates/mail"))) {
			List<String> names = files.map((file) -> file.getFileName().toString().replace(".txt", ""))
				.filter((name) -> !name.endsWith("_de"))
				.toList();
			assertThat(this.letters.names()).containsExactlyInAnyOrderElementsOf(names);
		}
		for (String name : this.letters.names()) {
			Letters.Text english = this.letters.own(name, Locale.ENGLISH);
			Letters.Text german = this.letters.own(name, Locale.GERMAN);
			assertThat(german.places()).as(name).isEqualTo(english.places());
			assertThat(german.body()).as(name).isNotEqualTo(english.body());
			for (Locale language : Letters.LANGUAGES) {
				assertThat(Letters.title(name, language)).as(name).isNotEqualTo(name);
				Letters.Rendered rendered = this.letters.render(this.letters.example(name, language), language);
				assertThat(rendered.subject() + rendered.text()).as(name).doesNotContain("{", "}");
				assertThat(rendered.subject()).as(name).isNotBlank();
				assertThat(rendered.html().split("<a href=\"http://localhost/programme\" style=", -1)).as(name)
					.hasSize(english.places().contains("page") && hasAction(name) ? 2 : 1);
			}
		}
	}

	private boolean hasAction(String name) {
		return !List.of("partner-ended", "partner-rejected", "person-hand-over-stopped", "person-replaced")
			.contains(name);
	}

	@Test
	void aLetterCarriesTheSameAsTextAndAsHtml() throws Exception {
		String address = "it@" + Fixtures.freshDomain();
		this.postman.deliver(letter(address, "Nordwind"));

		MimeMessage message = newest(address);
		assertThat(message.getContentType()).startsWith("multipart/alternative");
		Multipart parts = (Multipart) message.getContent();
		assertThat(parts.getBodyPart(0).getContentType()).startsWith("text/plain");
		assertThat(parts.getBodyPart(1).getContentType()).startsWith("text/html");
		String html = parts.getBodyPart(1).getContent().toString();
		assertThat(html).contains("<html lang=\"en\">", "href=\"http://localhost/partners/1\"",
				"Open the partner&#39;s page", "Nordwind");
		assertThat(Inbox.text(message)).contains("Nordwind", "http://localhost/partners/1");
	}

	@Test
	void whateverAPartnerCallsItselfIsNeitherMarkupNorALinkNorAHeader() throws Exception {
		String address = "it@" + Fixtures.freshDomain();
		String hostile = "<img src=x onerror=alert(1)> \"' & https://evil.example/ {reference} [(${7*7})]\r\nBcc: all@evil.example";
		this.postman.deliver(letter(address, hostile));

		MimeMessage message = newest(address);
		String html = ((Multipart) message.getContent()).getBodyPart(1).getContent().toString();
		assertThat(html).doesNotContain("<img", "onerror=alert(1)>", "href=\"https://evil")
			.contains("&lt;img src=x onerror=alert(1)&gt;", "{reference}", "[(${7*7})]");
		assertThat(message.getHeader("Bcc")).isNull();
		assertThat(message.getSubject()).doesNotContain("\n").contains("Bcc: all@evil.example");
	}

	@Test
	void whoReadsGermanIsWrittenToInGerman() throws Exception {
		People.Person greta = People.of(this.context).admin();
		String address = String.valueOf(greta.who().address());
		this.jdbc.sql("update account set language = 'de' where id = ?").param(greta.id()).update();

		this.postman.deliver(letter(address, "Nordwind"));

		assertThat(newest(address).getSubject()).startsWith("In beiden Richtungen erzwungen: Nordwind");
		assertThat(((Multipart) newest(address).getContent()).getBodyPart(1).getContent().toString())
			.contains("<html lang=\"de\">", "Seite des Partners öffnen");
	}

	@Test
	void anAdministratorPutsALetterIntoOtherWordsAndGoesBack() throws Exception {
		People.Person amina = People.of(this.context).admin();
		String page = "/letters/owner-enforced/en";
		int version = version("owner-enforced");
		String text = "Good news, {name}: {partner} ({domains}) is safe. {page} {reference}";

		assertThat(change(amina, page, "Safe: {partner}", text, version)).hasStatus(HttpStatus.FOUND);
		String address = "it@" + Fixtures.freshDomain();
		this.postman.deliver(letter(address, "Nordwind"));
		assertThat(newest(address).getSubject()).isEqualTo("Safe: Nordwind");
		assertThat(Inbox.text(newest(address))).startsWith("Good news, Olu: Nordwind");
		assertThat(this.mvc.get().uri("/letters").with(amina.signedIn())).bodyText().contains("Your own");

		// Made from an older version.
		assertThat(change(amina, page, "Safer: {partner}", text, version)).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("Somebody else has changed these words meanwhile");

		assertThat(this.mvc.post()
			.uri(page + "/reset")
			.param("version", String.valueOf(version + 1))
			.with(csrf())
			.with(amina.signedIn())).hasStatus(HttpStatus.FOUND);
		this.postman.deliver(letter(address, "Nordwind"));
		assertThat(newest(address).getSubject()).startsWith("Enforced in both directions");
		assertThat(this.mvc.get().uri(page).with(amina.signedIn())).bodyText()
			.contains("Amina Okafor", "The portal’s own", "Good news, {name}");
		assertThat(events("letter.reworded", amina)).isOne();
		assertThat(events("letter.reset", amina)).isOne();
	}

	@Test
	void wordsThatLoseTheWayOrNameWhatIsNotThereAreRefused() {
		People.Person amina = People.of(this.context).admin();
		String page = "/letters/partner-recertification/en";
		int version = version("partner-recertification");
		String good = "{words} {page} {reference} {ourPhone}";

		assertThat(change(amina, page, "Hello", "{words} {reference} {ourPhone}", version))
			.hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("{page} has to stay: without the link nobody finds the way.");
		assertThat(change(amina, page, "Hello {password}", good, version)).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("This letter has no {password}.", "{ourName}");
		assertThat(change(amina, page, "Hello ${7*7}", good, version)).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("Braces stand around the name of a place only");
		assertThat(change(amina, page, "", good, version)).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("Enter a subject.");
		assertThat(version("partner-recertification")).isEqualTo(version);
	}

	@Test
	void wordsAreLookedAtInAFrameThatCanDoNothing() {
		People.Person amina = People.of(this.context).admin();
		MvcTestResult preview = this.mvc.post()
			.uri("/letters/partner-enforced/de/preview")
			.param("subject", "Fertig: {partner}")
			.param("body", "<script>alert(1)</script> {nothing}")
			.param("version", "0")
			.with(csrf())
			.with(amina.signedIn())
			.exchange();

		assertThat(preview).hasStatusOk()
			.bodyText()
			.contains("&lt;script&gt;", "This letter has no {nothing}.", "{page} has to stay")
			.doesNotContain("<script>");
		assertThat(preview.getResponse().getHeader("Content-Security-Policy")).contains("sandbox", "default-src 'none'",
				"frame-ancestors 'self'");
		assertThat(this.mvc.get().uri("/letters/partner-enforced/de/html").with(amina.signedIn())).hasStatusOk()
			.bodyText()
			.contains("Geschafft", "nordwind.example");
		assertThat(this.mvc.get().uri("/letters/none/de").with(amina.signedIn())).hasStatus(HttpStatus.NOT_FOUND);
		assertThat(this.mvc.get().uri("/letters/code/fr").with(amina.signedIn())).hasStatus(HttpStatus.NOT_FOUND);
		assertThat(this.mvc.get().uri("/letters").with(People.of(this.context).compliance().signedIn()))
			.hasStatus(HttpStatus.FORBIDDEN);
	}

	private MvcTestResult change(People.Person by, String page, String subject, String body, int version) {
		return this.mvc.post()
			.uri(page)
			.param("subject", subject)
			.param("body", body)
			.param("version", String.valueOf(version))
			.with(csrf())
			.with(by.signedIn())
			.exchange();
	}

	private int version(String letter) {
		return this.context.getBean(Wordings.class)
			.versions(letter, Locale.ENGLISH)
			.stream()
			.mapToInt(Wordings.Wording::version)
			.max()
			.orElse(0);
	}

	private int events(String code, People.Person by) {
		return this.jdbc.sql("select count(*) from audit_event where code = ? and actor_id = ?")
			.params(code, by.id().toString())
			.query(Integer.class)
			.single();
	}

	private static Letter letter(String address, String partner) {
		return Letter.to(EmailAddress.of(address), "owner-enforced")
			.with("name", "Olu")
			.with("partner", partner)
			.with("domains", "nordwind.example")
			.with("reference", "TLS-1")
			.with("page", "http://localhost/partners/1");
	}

	private MimeMessage newest(String address) throws Exception {
		MimeMessage found = null;
		for (MimeMessage message : this.greenMail.getReceivedMessages()) {
			if (message.getAllRecipients()[0].toString().equalsIgnoreCase(address)) {
				found = message;
			}
		}
		assertThat(found).isNotNull();
		return java.util.Objects.requireNonNull(found);
	}

}
