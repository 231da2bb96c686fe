package org.partnertls.onboarding;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.partnertls.Fixtures;
import org.partnertls.PortalTest;
import org.partnertls.account.People;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.Invitation;
import org.partnertls.partner.NewPartner;
import org.partnertls.partner.Partners;
import org.partnertls.partner.SomePartner;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.mock.web.MockMultipartFile;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.test.web.servlet.request.MockMvcRequestBuilders;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

@PortalTest
class TaskPagesTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApplicationContext context;

	@Autowired
	private Partners partners;

	@Autowired
	private Attestations attestations;

	@Autowired
	private Proofs proofs;

	@Autowired
	private TestMessages messages;

	@Autowired
	private TransactionTemplate transaction;

	@Autowired
	private Fixtures fixtures;

	private final DomainName domain = DomainName.of(Fixtures.freshDomain());

	private final EmailAddress address = EmailAddress.of("greta@" + this.domain);

	private People.Person admin;

	private People.Person greta;

	private UUID partner;

	@BeforeEach
	void invite() {
		this.admin = People.of(this.context).admin();
		Invitation invitation = this.partners.invite(new NewPartner("Nordwind Logistik", this.domain, "Greta Hahn",
				this.address, "Ines Falk", EmailAddress.of("ines@contoso.example"), "payroll files", this.admin.who()));
		this.partner = ((Invitation.Invited) invitation).id();
		this.greta = People.of(this.context).partner(this.partner, this.address);
	}

	@Test
	void opensTheTaskListAtTheFirstVisit() {
		assertThat(get("/tasks")).hasStatusOk().bodyText().contains("Nordwind Logistik", "0 of 7 done");
		assertThat(this.fixtures.events("attestation.opened", this.partner)).isEqualTo(1);
		get("/tasks");
		assertThat(this.fixtures.events("attestation.opened", this.partner)).isEqualTo(1);
	}

	@Test
	void wantsAnEmergencyContactOutsideThePartnersDomains() {
		assertThat(post("/tasks/contacts", "name=Greta Hahn", "address=" + this.address, "emergencyName=Ole Hahn",
				"emergencyAddress=ole@" + this.domain))
			.hasStatus(422)
			.bodyText()
			.contains("Ole Hahn", "is-invalid");
		assertThat(post("/tasks/contacts", "name=Greta Hahn", "address=" + this.address, "emergencyName=Ole Hahn",
				"emergencyAddress=ole@elsewhere.example"))
			.hasRedirectedUrl("/tasks");
		assertThat(get("/tasks")).bodyText().contains("Ole Hahn (emergency)");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			name          | Greta\u0000Hahn  | control characters
			emergencyName | Ole\u0007Hahn    | control characters
			address       | not-an-address   | Enter an e-mail address
			""")
	void saysWhatIsWrongBesideTheFieldAndKeepsTheRest(String field, String value, String message) {
		String[] fields = { "name=Greta Hahn", "address=" + this.address, "emergencyName=Ole Hahn",
				"emergencyAddress=ole@elsewhere.example" };
		for (int i = 0; i < fields.length; i++) {
			if (fields[i].startsWith(field + "=")) {
				fields[i] = field + "=" + value;
			}
		}

		assertThat(post("/tasks/contacts", fields)).hasStatus(422)
			.bodyText()
			.contains(message, "ole@elsewhere.example");
	}

	@Test
	void refusesOverlongText() {
		assertThat(post("/tasks/contacts", "name=" + "x".repeat(121), "address=" + this.address,
				"emergencyName=Ole Hahn", "emergencyAddress=ole@elsewhere.example"))
			.hasStatus(422)
			.bodyText()
			.contains("at most 120 characters");
	}

	@ParameterizedTest
	@ValueSource(strings = { "contoso.example", "mail.contoso.example", "gmail.com", "contoso.onmicrosoft.com", "co.uk",
			"192.0.2.1", "nordwind" })
	void refusesDomainsThatCannotBeAPartners(String typed) {
		assertThat(post("/tasks/domains", "domain=" + typed)).hasStatus(422).bodyText().contains("is-invalid", typed);
	}

	@Test
	void storesAnInternationalDomainAsALabelAndShowsBoth() {
		String unicode = "m\u00fcller-" + Fixtures.freshDomain();

		assertThat(post("/tasks/domains", "domain=" + unicode)).hasRedirectedUrl("/tasks/domains");

		assertThat(get("/tasks/domains")).bodyText().contains(unicode, DomainName.of(unicode).ascii());
	}

	@Test
	void doesNotFindTheDomainOfAnotherPartner() {
		UUID theirs = SomePartner.invited(this.context, this.admin.who()).mainDomain().id();
		for (String act : List.of("look-up", "removal")) {
			String path = "/tasks/domains/" + theirs + "/" + act;
			assertThat(post(path)).hasStatus(404);
			assertThat(this.fixtures.refusals("access.not-found", "POST " + path)).isEqualTo(1);
		}
		assertThat(post("/tasks/domains/" + UUID.randomUUID() + "/look-up")).hasStatus(404);
	}

	@Test
	void doesNotFindTheAttestationOfAnotherPartner() {
		People.Person others = People.of(this.context)
			.partner(SomePartner.onboarding(this.context, this.admin.who()).id());
		this.mvc.get().uri("/tasks").with(others.signedIn()).exchange();
		UUID theirs = this.attestations.findLatest(others.who().requirePartner()).orElseThrow().id();
		String path = "/attestations/" + theirs + "/submission";

		assertThat(post(path, "version=0")).hasStatus(404);

		assertThat(this.fixtures.refusals("access.not-found", "POST " + path)).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "10.0.0.0/8", "192.0.2.256", "2001:db8::1", "192.0.2.1-192.0.2.9", "<script>" })
	void refusesSendingAddressesThatAConnectorCannotTake(String range) {
		assertThat(post("/tasks/sending", "version=" + version(), "platforms=POSTFIX", "ipRanges=" + range))
			.hasStatus(422)
			.bodyText()
			.contains("is no IPv4 address or network")
			.doesNotContain("“<script>");
	}

	@Test
	void takesSendersRangesAndACertificateName() {
		assertThat(post("/tasks/sending", "version=" + version(), "platforms=POSTFIX", "platforms=OTHER",
				"ipRanges=192.0.2.10, 198.51.100.0/24", "certificateName=*." + this.domain))
			.hasRedirectedUrl("/tasks/setup");

		assertThat(get("/tasks/setup")).hasStatusOk().bodyText().contains("contoso.example", "smtp_tls_policy_maps");
	}

	@Test
	void tellsWhoChangedAStalePage() {
		long stale = version();
		post("/tasks/sending", "version=" + stale, "platforms=POSTFIX");

		assertThat(post("/tasks/sending", "version=" + stale, "platforms=GOOGLE_WORKSPACE")).hasStatus(422)
			.bodyText()
			.contains("Meanwhile Greta Hahn said how mail is sent");
		assertThat(attestation().answers().platforms()).containsExactly(MailPlatform.POSTFIX);
	}

	@Test
	void refusesToBeHandedInWhileTasksAreOpen() {
		get("/tasks");
		assertThat(post("/attestations/" + attestation().id() + "/submission", "version=" + version(), "toUs=YES",
				"fromUs=YES", "name=Greta Hahn", "role=Postmaster", "truthful=true"))
			.hasStatus(422)
			.bodyText()
			.contains("Some tasks are still open");
	}

	@Test
	void keepsPastedHeadersAsUnverifiedAndStartsNothing() {
		get("/tasks");
		String headers = """
				Received: from mail.%s (192.0.2.1) by AM4PEPF00025F9C.mail.protection.outlook.com (10.167.242.183)
				 with Microsoft SMTP Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20; Mon, 23 Nov 2026 12:00:00 +0000
				From: greta@%s
				"""
			.formatted(this.domain, this.domain);

		assertThat(post("/tasks/test/headers", "headers=" + headers)).hasRedirectedUrl("/tasks/test");

		assertThat(this.proofs.findLatest(attestation().id())).singleElement()
			.satisfies((proof) -> assertThat(proof.proves()).isFalse());
		assertThat(get("/tasks/test")).bodyText().contains("unverified");
	}

	@Test
	void keepsAMessageOnceThatTwoReadAtTheSameTime() throws Exception {
		get("/tasks");
		UUID id = attestation().id();
		byte[] message = "Received: from a by b\n".getBytes(StandardCharsets.UTF_8);
		try (ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
			Future<Proof> second = this.transaction.execute((status) -> {
				this.messages.pastedByPartner(id, message);
				Future<Proof> meanwhile = other.submit(() -> this.messages.pastedByPartner(id, message));
				// It must have looked by then whether the message is kept already.
				LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
				return meanwhile;
			});
			assertThat(second).succeedsWithin(Duration.ofSeconds(20));
		}

		assertThat(this.proofs.findLatest(id)).hasSize(1);
	}

	@Test
	void answersTenThousandHeaderLinesWithASentence() {
		get("/tasks");
		post("/tasks/test/headers", "headers=" + "Received: from a by b\n".repeat(10_000));

		assertThat(this.proofs.findLatest(attestation().id())).singleElement()
			.satisfies((proof) -> assertThat(proof.sentence()).containsIgnoringCase("header lines"));
	}

	@Test
	void refusesAnUploadThatIsNoMailAndOneThatIsTooBig() {
		get("/tasks");
		UUID id = attestation().id();

		assertThat(upload(id, "hello".getBytes(StandardCharsets.UTF_8))).hasRedirectedUrl("/reviews/" + id);
		assertThat(this.proofs.findLatest(id)).singleElement()
			.satisfies((proof) -> assertThat(proof.sentence()).contains("no mail headers"));
		assertThat(upload(id, new byte[1_000_001]).getMvcResult().getFlashMap().get("flash").toString())
			.contains("at most 1 MB");
	}

	private MvcTestResult upload(UUID id, byte[] content) {
		return this.mvc.perform(MockMvcRequestBuilders.multipart("/attestations/{id}/proofs", id)
			.file(new MockMultipartFile("file", "message.eml", "message/rfc822", content))
			.with(this.admin.signedIn())
			.with(csrf()));
	}

	private long version() {
		get("/tasks");
		return attestation().version();
	}

	private Attestation attestation() {
		return this.attestations.findLatest(this.partner).orElseThrow();
	}

	private MvcTestResult get(String path) {
		return this.mvc.get().uri(path).with(this.greta.signedIn()).exchange();
	}

	private MvcTestResult post(String path, String... fields) {
		var request = this.mvc.post().uri(path).with(this.greta.signedIn()).with(csrf());
		for (String field : fields) {
			int split = field.indexOf('=');
			request.param(field.substring(0, split), field.substring(split + 1));
		}
		return request.exchange();
	}

}
