package org.partnertls.audit;

import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;

import com.icegreen.greenmail.util.GreenMail;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Jobs;
import org.partnertls.Inbox;
import org.partnertls.PortalTest;
import org.partnertls.account.People;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.Partner;
import org.partnertls.partner.SomePartner;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

@PortalTest
class IntegrityPageTests {

	@Autowired
	private AuditLog audit;

	@Autowired
	private Proofs proofs;

	@Autowired
	private HandOut handOut;

	@Autowired
	private History history;

	@Autowired
	private Erasure erasure;

	@Autowired
	private TransactionTemplate transaction;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private Verifications verifications;

	@Autowired
	private Jobs jobs;

	@Autowired
	private GreenMail mail;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApplicationContext context;

	/** One at a time is run, and other tests ask for one without waiting. */
	@BeforeEach
	void finishVerifications() throws Exception {
		for (UUID left : this.jdbc.sql("select id from audit_verification where finished_at is null")
			.query(UUID.class)
			.list()) {
			this.verifications.run(left);
		}
	}

	@Test
	void takesAnOlderCheckpointBackAndAnswersConsistent() {
		append("test.before");
		String old = this.proofs.sealed().orElseThrow().note();
		append("test.after");

		assertThat(compare(old)).hasStatusOk().bodyText().contains("Consistent.", "are what they were");
		assertThat(compare("  " + old.replace("\n", "\r\n  "))).bodyText().contains("Consistent.");
	}

	@Test
	void answersNotConsistentToWhatItNeverSigned() {
		append("test.before");
		Checkpoint newest = this.proofs.sealed().orElseThrow();
		SigningKey forger = SigningKey.of(newest.origin(), SigningKey.generate());

		assertThat(compare(Checkpoint.sign(forger, newest.size(), newest.root()).note())).bodyText()
			.contains("Not consistent.", "not signed by a key of this portal");
		assertThat(compare(newest.note().replace("\n" + newest.size() + "\n", "\n" + (newest.size() - 1) + "\n")))
			.bodyText()
			.contains("Not consistent.");
		assertThat(compare(newest.note().replace("localhost", "other.example"))).bodyText()
			.contains("Not consistent.", "another history");
	}

	@Test
	void keepsWhatWasPastedWhenItIsNoCheckpoint() {
		assertThat(compare("<b>hello</b>")).hasStatus(422)
			.bodyText()
			.contains("&lt;b&gt;hello&lt;/b&gt;", "A checkpoint has its origin");
	}

	@Test
	void verifiesInTheBackgroundAndShowsWhatWasFound() {
		append("test.verified");
		this.proofs.sealed();
		assertThat(this.mvc.post()
			.uri("/history/verifications")
			.with(People.of(this.context).compliance().signedIn())
			.with(csrf())).hasRedirectedUrl("/history/integrity#verification");
		assertThat(page()).hasStatusOk().bodyText().contains("Waiting for its turn");

		this.jobs.runDue();

		assertThat(page()).hasStatusOk().bodyText().contains("All is well", "Nothing wrong.");
		assertThat(this.jdbc.sql("select count(*) from audit_event where code = 'history.verified'")
			.query(Integer.class)
			.single()).isPositive();
	}

	@Test
	void mailsTheNewestCheckpointToComplianceOnceAndNotAgainForThat() throws Exception {
		append("test.handed-out");
		this.proofs.sealed();
		this.handOut.run();
		this.jobs.runDue();

		long size = this.jdbc.sql("select size from audit_hand_out where way = 'mail' order by at desc limit 1")
			.query(Long.class)
			.single();
		assertThat(this.mail.getReceivedMessages()).anySatisfy((message) -> {
			assertThat(message.getSubject()).isEqualTo("Checkpoint of the history over " + size + " events");
			assertThat(message.getAllRecipients()[0]).hasToString("compliance@contoso.example");
			String text = Inbox.text(message);
			Checkpoint read = Checkpoint
				.of(text.substring(text.indexOf("history:") + "history:".length(), text.indexOf("To compare")));
			assertThat(this.proofs.keys().getFirst().signed(read.note())).isTrue();
		});
		int given = this.jdbc.sql("select count(*) from audit_hand_out").query(Integer.class).single();
		this.handOut.run();
		assertThat(this.jdbc.sql("select count(*) from audit_hand_out").query(Integer.class).single()).isEqualTo(given);
	}

	@Test
	void showsTheProofOfOneEvent() {
		UUID event = append("test.proof");
		this.proofs.sealed();

		assertThat(
				this.mvc.get().uri("/history/{id}/proof", event).with(People.of(this.context).compliance().signedIn()))
			.hasStatusOk()
			.bodyText()
			.startsWith("c2sp.org/tlog-proof@v1\nindex ");
	}

	@Test
	void erasesAPersonWhoIsThenShownByANumberWhileAllProofsHold() throws Exception {
		String person = UUID.randomUUID().toString();
		Actor mika = new Actor(Actor.Kind.PARTNER, person, "Partner", "Mika Brandt", person + "@nordwind.example",
				"192.0.2.9");
		UUID event = this.transaction.execute((status) -> {
			UUID subject = UUID.randomUUID();
			this.audit.append(Act.of("test.erased").by(mika).partner(subject, "Nordwind").reason("it was me"));
			return this.jdbc.sql("select id from audit_event where partner_id = ?")
				.param(subject)
				.query(UUID.class)
				.single();
		});
		this.proofs.sealed();
		People.Person admin = People.of(this.context).admin();
		assertThat(
				this.mvc.get().uri("/history/erasure?words={w}", person + "@nordwind.example").with(admin.signedIn()))
			.hasStatusOk()
			.bodyText()
			.contains("Mika Brandt", "2 pieces");
		assertThat(this.mvc.post().uri("/history/erasure").param("person", person).with(admin.signedIn()).with(csrf()))
			.hasStatus(422)
			.bodyText()
			.contains("Say why");

		assertThat(this.mvc.post()
			.uri("/history/erasure")
			.param("person", person)
			.param("reason", "Request 4711")
			.param("understood", "true")
			.with(admin.signedIn())
			.with(csrf())).hasStatus(302);

		long number = this.jdbc.sql("select max(number) from audit_erased").query(Long.class).single();
		History.Row row = this.history.find(event).orElseThrow();
		assertThat(row.who()).isEqualTo("Erased contact " + number);
		assertThat(row.personal()).containsEntry("reason", "erased contact " + number);
		assertThat(this.mvc.get().uri("/history/{id}", event).with(admin.signedIn())).bodyText()
			.contains("erased contact " + number)
			.doesNotContain("Mika Brandt");
		assertThat(this.jdbc.sql("select count(*) from audit_personal where content like ? or person_id = ?")
			.params("%" + person + "@%", person)
			.query(Integer.class)
			.single()).isZero();
		assertThat(this.proofs.inclusion(event).orElseThrow().holds(row.text())).isTrue();
		this.mvc.post().uri("/history/verifications").with(admin.signedIn()).with(csrf()).exchange();
		this.jobs.runDue();
		assertThat(page()).bodyText().contains("All is well").doesNotContain("Altered");
	}

	@Test
	void aPartnersContactIsErasedFromAccountsAndContactsTooOnceNobodyNeedsThem() throws Exception {
		People.Person admin = People.of(this.context).admin();
		Partner partner = SomePartner.invited(this.context, admin.who());
		String address = this.jdbc.sql("select address from contact where partnership_id = ?")
			.param(partner.id())
			.query(String.class)
			.single();
		String key = EmailAddress.of(address).key();
		UUID account = this.jdbc.sql("select id from account where address_key = ?")
			.param(key)
			.query(UUID.class)
			.single();

		assertThat(this.mvc.post()
			.uri("/history/erasure/copy")
			.param("person", account.toString())
			.with(admin.signedIn())
			.with(csrf())).hasStatusOk()
			.bodyText()
			.contains("\"table\" : \"account\"", "\"table\" : \"contact\"", address);
		assertThat(erase(admin, account)).hasStatus(422).bodyText().contains("is a contact of " + partner.name());

		this.context.getBean(org.partnertls.partner.Partners.class).withdraw(partner.id(), "not wanted");
		assertThat(erase(admin, account)).hasStatus(302);

		long number = this.jdbc.sql("select max(number) from audit_erased").query(Long.class).single();
		assertThat(this.jdbc.sql("select name || ' ' || address from contact where partnership_id = ?")
			.param(partner.id())
			.query(String.class)
			.single()).isEqualTo("erased contact " + number + " erased-" + number + "@erased.invalid");
		assertThat(this.jdbc.sql("select name from account where id = ? and ended_at is not null")
			.param(account)
			.query(String.class)
			.single()).isEqualTo("erased contact " + number);
		assertThat(this.mvc.get().uri("/partners/{id}", partner.id()).with(admin.signedIn())).hasStatusOk()
			.bodyText()
			.doesNotContain(address);
	}

	@Test
	void whoAskedWasWrittenToOrHandedOverIsErasedThereTooOnceNothingOfItGoesOn() throws Exception {
		People.Person admin = People.of(this.context).admin();
		String key = "vera." + UUID.randomUUID() + "@nordwind.example";
		OffsetDateTime now = OffsetDateTime.parse("2026-01-05T10:00:00Z");
		UUID request = UUID.randomUUID();
		UUID letter = UUID.randomUUID();
		UUID entry = UUID.randomUUID();
		this.jdbc
			.sql("""
					insert into partner_request (id, version, reference, organisation, domain, contact_name, address, phone,
						reason, state, asked_at)
					values (?, 0, ?, 'Nordwind', 'nordwind.example', 'Vera Lang', ?, '+49 30', 'Payroll', 'CONFIRMED', ?)""")
			.params(request, "R-" + request, key, now)
			.update();
		this.jdbc.sql("""
				insert into letter (id, recipient, template, model, state, created_at)
				values (?, ?, 'code', '{"name":"Vera Lang"}', 'SENT', ?)""").params(letter, key, now).update();
		this.jdbc
			.sql("""
					insert into exception_entry (id, version, domain, what, owner_name, owner_address, reason, ends_on, state,
						asked_by, asked_by_name, asked_at, told)
					values (?, 0, 'nordwind.example', 'no TLS', 'Vera Lang', ?, 'old system', current_date, 'ASKED', ?,
						'Amina', ?, 'NOTHING')""")
			.params(entry, key, admin.id(), now)
			.update();
		this.transaction.executeWithoutResult((status) -> this.audit
			.append(Act.of("test.known").by(new Actor(Actor.Kind.PARTNER, key, "Contact", "Vera Lang", key, null))));

		assertThat(erase(admin, key)).hasStatus(422)
			.bodyText()
			.contains("waits for an answer", "answers for an exception");
		this.jdbc.sql("update partner_request set state = 'WITHDRAWN' where id = ?").param(request).update();
		this.jdbc.sql("update exception_entry set state = 'ENDED', ended_at = ? where id = ?")
			.params(now, entry)
			.update();
		assertThat(erase(admin, key)).hasStatus(302);

		long number = this.jdbc.sql("select max(number) from audit_erased").query(Long.class).single();
		for (String left : List.of("select contact_name || address from partner_request where id = :id",
				"select owner_name || owner_address from exception_entry where id = :id",
				"select 'erased contact ' || :number || recipient || replace(model, '{}', '') from letter where id = :id")) {
			UUID id = left.contains("partner_request") ? request : left.contains("letter") ? letter : entry;
			assertThat(this.jdbc.sql(left).param("id", id).param("number", number).query(String.class).single())
				.isEqualTo("erased contact " + number + "erased-" + number + "@erased.invalid");
		}
	}

	@Test
	void whoWorkedHereIsErasedWhereAlarmsAndLettersKeepTheirWords() {
		People.Person admin = People.of(this.context).admin();
		People.Person gone = People.of(this.context).admin();
		String id = gone.id().toString();
		OffsetDateTime now = OffsetDateTime.parse("2026-01-05T10:00:00Z");
		UUID alarm = UUID.randomUUID();
		UUID delivery = UUID.randomUUID();
		this.jdbc
			.sql("""
					insert into alarm (id, version, cause, subject, sentence, page, since, state, opened_at, acknowledged_at,
						acknowledged_by, note, closed_at)
					values (?, 0, 'JOBS', ?, 'Work keeps failing.', '/jobs', ?, 'CLOSED', ?, ?, ?, 'Call me at home', ?)""")
			.params(alarm, id, now, now, now, gone.id(), now)
			.update();
		this.jdbc
			.sql("""
					insert into alarm_delivery (id, alarm_id, hook, event, body, state, tries, created_at, ended_at)
					values (?, ?, 'pager', 'alarm.acknowledged', '{"acknowledgedBy":"Gone Away"}', 'WAITING', 1, ?, null)""")
			.params(delivery, alarm, now)
			.update();
		this.jdbc.sql("""
				insert into letter_wording (letter, language, version, text, changed_at, changed_by, editor)
				values (?, 'en', 1, 'Hello', ?, 'Gone Away', ?)""").params("test-" + id, now, id).update();
		this.transaction.executeWithoutResult((status) -> this.audit.append(
				Act.of("test.known").by(new Actor(Actor.Kind.STAFF, id, "Administrator", "Gone Away", null, null))));

		assertThat(erase(admin, id)).hasStatus(422).bodyText().contains("still waits");
		this.jdbc.sql("update alarm_delivery set state = 'SENT', ended_at = ? where id = ?")
			.params(now, delivery)
			.update();
		assertThat(erase(admin, id)).hasStatus(302);

		long number = this.jdbc.sql("select max(number) from audit_erased").query(Long.class).single();
		assertThat(this.jdbc.sql("select coalesce(note, '-') from alarm where id = ?")
			.param(alarm)
			.query(String.class)
			.single()).isEqualTo("-");
		assertThat(this.jdbc.sql("select body from alarm_delivery where id = ?")
			.param(delivery)
			.query(String.class)
			.single()).isEqualTo("{}");
		assertThat(this.jdbc.sql("select changed_by from letter_wording where letter = ?")
			.param("test-" + id)
			.query(String.class)
			.single()).isEqualTo("erased contact " + number);
	}

	private org.springframework.test.web.servlet.assertj.MvcTestResult erase(People.Person admin, Object person) {
		return this.mvc.post()
			.uri("/history/erasure")
			.param("person", person.toString())
			.param("reason", "Request 4712")
			.param("understood", "true")
			.with(admin.signedIn())
			.with(csrf())
			.exchange();
	}

	@Test
	void nothingOfAnyoneCanBeErasedButByTheFunction() {
		assertThat(this.erasure.erase(java.util.List.of("visitor", "audit-seal"), "no")).isEmpty();
		org.assertj.core.api.Assertions.assertThatExceptionOfType(org.springframework.dao.DataAccessException.class)
			.isThrownBy(() -> this.jdbc.sql("update audit_personal set salt = null, content = null").update());
	}

	private org.springframework.test.web.servlet.assertj.MvcTestResult compare(String checkpoint) {
		return this.mvc.post()
			.uri("/history/comparison")
			.param("checkpoint", checkpoint)
			.with(People.of(this.context).compliance().signedIn())
			.with(csrf())
			.exchange();
	}

	private org.springframework.test.web.servlet.assertj.MvcTestResult page() {
		return this.mvc.get()
			.uri("/history/integrity")
			.with(People.of(this.context).compliance().signedIn())
			.exchange();
	}

	private UUID append(String code) {
		UUID partner = UUID.randomUUID();
		this.transaction.executeWithoutResult((status) -> this.audit.append(Act.of(code).partner(partner, "Nordwind")));
		return this.jdbc.sql("select id from audit_event where partner_id = ?")
			.param(partner)
			.query(UUID.class)
			.single();
	}

}
