package org.partnertls.header;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import lab.MailHub;
import lab.PartnerMailClient;
import lab.PartnerMailClient.Dialogue;
import lab.PartnerMailClient.Letter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.mail.javamail.JavaMailSenderImpl;
import org.springframework.mail.javamail.MimeMessageHelper;

import org.partnertls.header.FetchResult.Failed;
import org.partnertls.header.FetchResult.Fetched;
import org.partnertls.header.InboundProof.Seen;
import org.partnertls.header.TestMessage.Place;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class TestMailboxTests {

	private static final String ADDRESS = "tls-test@contoso.example";

	private static final String PASSWORD = "only for this test";

	private static final Boundary BOUNDARY = new Boundary(List.of(".mail.protection.outlook.com"),
			EmailAddress.of(ADDRESS));

	private static final SecureRandom RANDOM = new SecureRandom();

	private final Instant start = Clock.systemUTC().instant();

	private MailHub hub;

	private PartnerMailClient partner;

	@BeforeEach
	void startHub() throws IOException {
		InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
		this.hub = MailHub.start(new MailHub.Settings("contoso-example.mail.protection.outlook.com",
				Set.of("contoso.example"), ADDRESS, PASSWORD, any, any, any), Clock.systemUTC());
		this.partner = new PartnerMailClient(this.hub.mxAddress(), this.hub.trust(),
				InetAddress.getByName("127.0.0.44"));
	}

	@AfterEach
	void stopHub() throws IOException {
		this.hub.close();
	}

	@Test
	void aMessageOverTlsIsFetchedAndProvesTls() {
		TestMailbox mailbox = mailbox(Map.of());
		String nonce = TestMailbox.newNonce(RANDOM);
		Dialogue dialogue = this.partner.send(letter(mailbox.addressFor(nonce).toString(), true));
		assertThat(dialogue.accepted()).as(dialogue.toString()).isTrue();
		assertThat(dialogue.finalReply()).startsWith("250 2.6.0");
		FetchedMessage message = only(mailbox.fetch(this.start));
		assertThat(message.received()).isAfterOrEqualTo(this.start.minusSeconds(1));
		assertThat(message.source()).doesNotContain("the body");
		Seen seen = seen(message);
		assertThat(seen.tls()).isEqualTo(Tls.TLS_1_3);
		assertThat(seen.hop().cipher()).isEqualTo("TLS_AES_256_GCM_SHA384");
		assertThat(seen.hop().fromHost()).isEqualTo("mail.acme.example");
		assertThat(seen.hop().peerAddress()).isEqualTo("127.0.0.44");
		assertThat(seen.hop().byHost()).isEqualToIgnoringCase(MailHub.MX_NAME);
		assertThat(seen.hop().time()).isAfterOrEqualTo(this.start.minusSeconds(1));
		assertThat(seen.message().nonce()).isEqualTo(new TestMessage.Nonce(nonce, Place.TO));
		assertThat(seen.message().envelopeDomain()).isEqualTo(DomainName.of("acme.example"));
		assertThat(seen.message().hops()).hasSize(2);
	}

	@Test
	void aMessageInClearTextIsFetchedAndSaysSo() {
		TestMailbox mailbox = mailbox(Map.of());
		Dialogue dialogue = this.partner.send(letter(mailbox.addressFor("abcdefgh2345").toString(), false));
		assertThat(dialogue.accepted()).as(dialogue.toString()).isTrue();
		assertThat(seen(only(mailbox.fetch(this.start))).tls()).isEqualTo(Tls.NONE);
	}

	@Test
	void clearTextFromADomainThatMustUseTlsIsRefused() {
		this.hub.requireTls("acme.example"::equals);
		Dialogue refused = this.partner.send(letter(ADDRESS, false));
		assertThat(refused.accepted()).isFalse();
		assertThat(refused.finalReply()).startsWith("451 5.7.3 STARTTLS is required");
		assertThat(this.partner.send(letter(ADDRESS, true)).accepted()).isTrue();
		assertThat(((Fetched) mailbox(Map.of()).fetch(this.start)).messages()).hasSize(1);
	}

	@Test
	void mailForOthersDoesNotReachTheTestMailbox() {
		assertThat(this.partner.send(letter("anna@contoso.example", true)).accepted()).isTrue();
		Dialogue foreign = this.partner.send(letter("anna@fabrikam.example", true));
		assertThat(foreign.finalReply()).startsWith("550 5.7.54");
		assertThat(((Fetched) mailbox(Map.of()).fetch(this.start)).messages()).isEmpty();
		assertThat(this.hub.incoming()).singleElement().satisfies((mail) -> {
			assertThat(mail.to()).containsExactly("anna@contoso.example");
			assertThat(mail.text()).contains("the body");
		});
	}

	@Test
	void onlyReportsAreFetchedAsSuchAndWithTheirBodies() throws Exception {
		JavaMailSenderImpl sender = new JavaMailSenderImpl();
		sender.setHost(this.hub.submissionAddress().getHostString());
		sender.setPort(this.hub.submissionAddress().getPort());
		for (String type : List.of("text/plain", "multipart/report; report-type=delivery-status; boundary=\"b\"")) {
			String source = "From: MAILER-DAEMON@acme.example\r\nTo: " + ADDRESS + "\r\nSubject: Undelivered\r\n"
					+ "MIME-Version: 1.0\r\nContent-Type: " + type + "\r\n\r\n--b\r\nContent-Type:"
					+ " message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a@acme.example\r\n\r\n--b--\r\n";
			sender.send(sender.createMimeMessage(
					new java.io.ByteArrayInputStream(source.getBytes(java.nio.charset.StandardCharsets.US_ASCII))));
		}

		assertThat(only(mailbox(Map.of()).fetchReports(this.start)).source()).contains("multipart/report",
				"Final-Recipient: rfc822; a@acme.example");
	}

	@Test
	void whatThePortalSendsStandsInTheInboxNewestFirst() throws Exception {
		JavaMailSenderImpl sender = new JavaMailSenderImpl();
		sender.setHost(this.hub.submissionAddress().getHostString());
		sender.setPort(this.hub.submissionAddress().getPort());
		for (String to : List.of("first@acme.example", "tls-test+abcdefgh2345@contoso.example")) {
			var message = sender.createMimeMessage();
			MimeMessageHelper helper = new MimeMessageHelper(message, true, "UTF-8");
			helper.setFrom("portal@contoso.example");
			helper.setTo(to);
			helper.setSubject("Grüße " + to);
			helper.setText("Plain ö", "<p>Rich ö</p>");
			sender.send(message);
		}
		assertThat(this.hub.outgoing()).hasSize(2);
		MailHub.StoredMail newest = this.hub.outgoing().getFirst();
		assertThat(newest.subject()).isEqualTo("Grüße tls-test+abcdefgh2345@contoso.example");
		assertThat(newest.text()).isEqualTo("Plain ö");
		assertThat(newest.html()).isEqualTo("<p>Rich ö</p>");
		assertThat(newest.headers()).anyMatch((line) -> line.startsWith("Message-ID:"));
		assertThat(((Fetched) mailbox(Map.of()).fetch(this.start)).messages()).hasSize(1);
	}

	@Test
	void readingLeavesTheMailboxAsItIs() {
		TestMailbox mailbox = mailbox(Map.of());
		this.partner.send(letter(ADDRESS, true));
		FetchedMessage first = only(mailbox.fetch(this.start));
		assertThat(only(mailbox.fetch(this.start))).isEqualTo(first);
		assertThat(((Fetched) mailbox.fetch(this.start.plus(Duration.ofHours(1)))).messages()).isEmpty();
	}

	@Test
	void onlyTheNewestMessagesAreReadWhenThereAreMany() {
		for (int i = 1; i <= 4; i++) {
			this.partner.send(letter("tls-test+number" + i + "@contoso.example", true));
		}
		Fetched fetched = (Fetched) mailbox(Map.of("max-messages", "2")).fetch(this.start);
		assertThat(fetched.more()).isTrue();
		assertThat(fetched.messages()).extracting((message) -> seen(message).message().nonce().value())
			.containsExactly("number4", "number3");
	}

	@Test
	void anOversizedMessageIsReadToTheLimit() {
		String filler = ("X-Filler: " + "x".repeat(900) + "\r\n").repeat(200);
		Letter large = new Letter("mail.acme.example", "a@acme.example", List.of(ADDRESS),
				filler + "From: a@acme.example\r\n\r\n" + "y".repeat(1000).concat("\r\n").repeat(2000), true);
		assertThat(this.partner.send(large).accepted()).isTrue();
		FetchedMessage message = only(mailbox(Map.of("max-message-size", "16KB")).fetch(this.start));
		assertThat(message.source()).hasSize(16 * 1024);
		assertThat(seen(message).tls()).isEqualTo(Tls.TLS_1_3);
		assertThat(only(mailbox(Map.of()).fetch(this.start)).source()).endsWith("\r\n\r\n").doesNotContain("yyy");
	}

	@Test
	void aWrongPasswordIsASentence() {
		assertThat(failure(mailbox(Map.of("password", "wrong"))))
			.contains("refused to let " + ADDRESS + " sign in", "portal.test-mailbox.username")
			.doesNotContain("wrong");
	}

	@Test
	void anAccessTokenSignsInByXoauth2() {
		this.partner.send(letter(ADDRESS, true));
		// The server in this test takes the password as the token.
		assertThat(only(mailbox(Map.of("password", "", "access-token", PASSWORD)).fetch(this.start)).id())
			.contains("/");
		assertThat(failure(mailbox(Map.of("password", "", "access-token", "expired")))).contains("sign in");
	}

	@Test
	void aTokenBeanIsAskedForAFreshToken() {
		this.partner.send(letter(ADDRESS, true));
		StaticListableBeanFactory beans = new StaticListableBeanFactory();
		beans.addBean("token", (TestMailboxToken) () -> PASSWORD);
		TestMailbox mailbox = new TestMailbox(properties(Map.of("password", "")),
				beans.getBeanProvider(TestMailboxToken.class));
		assertThat(((Fetched) mailbox.fetch(this.start)).messages()).hasSize(1);
	}

	@Test
	void aRefusedConnectionIsASentence() throws IOException {
		int free;
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			free = socket.getLocalPort();
		}
		assertThat(failure(mailbox(Map.of("port", String.valueOf(free)))))
			.contains("127.0.0.1:" + free + " does not accept a connection");
	}

	@Test
	void aSilentServerIsASentence() throws IOException {
		try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			assertThat(failure(mailbox(Map.of("port", String.valueOf(silent.getLocalPort()), "read-timeout", "200ms"))))
				.contains("did not answer in time");
		}
	}

	@Test
	void aMissingFolderIsASentence() {
		assertThat(failure(mailbox(Map.of("folder", "Nowhere")))).contains("no folder Nowhere");
	}

	@Test
	void aServerWithoutTlsGetsNoPasswordFromAfar() {
		// Leads to this machine, but is not taken for it.
		assertThat(failure(mailbox(Map.of("host", "127.1")))).contains("STARTTLS required but not supported");
		assertThat(properties(Map.of()).requiresStartTls()).isFalse();
	}

	@Test
	void withoutAHostMessagesAreNotFetched() {
		TestMailbox mailbox = mailbox(Map.of("host", "", "password", ""));
		assertThat(mailbox.configured()).isFalse();
		assertThat(mailbox.addressFor("abcdefgh2345")).hasToString("tls-test+abcdefgh2345@contoso.example");
		assertThat(failure(mailbox)).contains("portal.test-mailbox.host");
	}

	@Test
	void aWrongSettingIsNamed() {
		assertThatThrownBy(() -> properties(Map.of("max-messages", "0"))).rootCause()
			.hasMessageContaining("portal.test-mailbox.max-messages");
		assertThatThrownBy(() -> properties(Map.of("address", "a+b@contoso.example"))).rootCause()
			.hasMessageContaining("portal.test-mailbox.address");
		assertThatThrownBy(() -> mailbox(Map.of("password", ""))).hasMessageContaining("portal.test-mailbox.password");
		assertThat(properties(Map.of()).toString()).doesNotContain(PASSWORD);
	}

	@Test
	void noncesAreSixtyBitsOfBase32() {
		assertThat(java.util.stream.Stream.generate(() -> TestMailbox.newNonce(RANDOM)).limit(1000).toList())
			.doesNotHaveDuplicates()
			.allMatch((nonce) -> nonce.matches("[a-z2-7]{12}"));
	}

	private Letter letter(String to, boolean startTls) {
		return new Letter("mail.acme.example", "a@acme.example", List.of(to), "From: Anna <a@acme.example>\r\nTo: " + to
				+ "\r\nSubject: TLS test\r\nMessage-ID: <1@acme.example>\r\n\r\n.the body\r\n", startTls);
	}

	private TestMailboxProperties properties(Map<String, String> changes) {
		Map<String, String> settings = new TreeMap<>(Map.of("address", ADDRESS, "host", "127.0.0.1", "port",
				String.valueOf(this.hub.imapAddress().getPort()), "protocol", "imap", "password", PASSWORD));
		settings.putAll(changes);
		settings.values().removeIf(String::isEmpty);
		return new Binder(new MapConfigurationPropertySource(settings)).bindOrCreate("", TestMailboxProperties.class);
	}

	private TestMailbox mailbox(Map<String, String> changes) {
		return new TestMailbox(properties(changes),
				new StaticListableBeanFactory().getBeanProvider(TestMailboxToken.class));
	}

	private FetchedMessage only(FetchResult result) {
		assertThat(result).isInstanceOf(Fetched.class);
		assertThat(((Fetched) result).messages()).hasSize(1);
		return ((Fetched) result).messages().getFirst();
	}

	private String failure(TestMailbox mailbox) {
		FetchResult result = mailbox.fetch(this.start);
		assertThat(result).isInstanceOf(Failed.class);
		return ((Failed) result).why();
	}

	private static Seen seen(FetchedMessage message) {
		InboundProof proof = InboundProof.read(message.source(), BOUNDARY);
		assertThat(proof).as(message.source()).isInstanceOf(Seen.class);
		return (Seen) proof;
	}

}
