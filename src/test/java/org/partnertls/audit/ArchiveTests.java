package org.partnertls.audit;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.io.TempDir;
import org.partnertls.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The command line: verification, and months that leave and are opened again.
 */
@Execution(ExecutionMode.SAME_THREAD)
class ArchiveTests {

	@TempDir
	private Path folder;

	private OwnHistory history;

	@BeforeEach
	void twoMonths() throws Exception {
		this.history = new OwnHistory();
		// Written in another order than that of their months, as around midnight.
		this.history.spoil(
				"create table audit_event_2025_01 partition of audit_event for values from ('2025-01-01 00:00:00+00') to ('2025-02-01 00:00:00+00')",
				"alter table audit_event_2025_01 owner to portal_owner");
		for (int i = 0; i < 30; i++) {
			at((i % 3 == 0) ? "2025-02-01T00:00:01Z" : "2025-01-31T23:59:59Z");
		}
		this.history.append(10).seal();
	}

	@AfterEach
	void close() {
		this.history.close();
	}

	private void at(String instant) {
		OwnHistory old = this.history;
		AuditLog log = new AuditLog(old.jdbc, () -> OwnHistory.AMINA, tools.jackson.databind.json.JsonMapper.shared(),
				java.time.Clock.fixed(java.time.Instant.parse(instant), java.time.ZoneOffset.UTC));
		old.transaction.executeWithoutResult((status) -> log.append(OwnHistory.event(1)));
	}

	@Test
	void movesAMonthToAnArchiveThatProvesItselfAndGoesOnVerifyingAcrossIt() throws Exception {
		Answer moved = audit(owner("archive", "--before=2025-02", "--to=" + this.folder));
		assertThat(moved.code()).as(moved.text()).isZero();
		assertThat(moved.text()).contains("2025-01: 20 events moved");
		Path file = this.folder.resolve("history-2025-01.jsonl.gz");

		Answer alone = audit("verify", file.toString(), "--key=" + key());
		assertThat(alone.code()).as(alone.text()).isZero();
		assertThat(alone.text()).contains("20 events", "a selection", "out of 40");

		assertThat(this.history.jdbc.sql("select count(*) from audit_event").query(Integer.class).single())
			.isEqualTo(21);
		assertThat(this.history.jdbc.sql("select count(*) from audit_personal").query(Integer.class).single())
			.isEqualTo(40);
		this.history.seal();
		Answer across = audit(auditor("verify", "--archives=" + this.folder));
		assertThat(across.code()).as(across.text()).isZero();
		assertThat(across.text()).contains("21 events read, 20 archived, 41 covered", "All is well.");

		Files.write(file, new byte[] { 1 });
		assertThat(audit(auditor("verify", "--archives=" + this.folder)).code()).isEqualTo(AuditCommand.ALTERED);
	}

	@Test
	void findsAnEventRemovedOfAMonthThatWasArchived() throws Exception {
		audit(owner("archive", "--before=2025-02", "--to=" + this.folder));
		UUID february = this.history.jdbc.sql("select event_id from audit_leaf where index = 3")
			.query(UUID.class)
			.single();
		this.history.spoil("delete from audit_event where id = '" + february + "'",
				"delete from audit_personal where event_id = '" + february + "'",
				"update audit_leaf set at = '2025-01-31 23:59:59+00' where index = 3");

		assertThat(this.history.verify().first().words()).contains("21 events are not in the database");
	}

	@Test
	void opensAnArchiveForSearchInASecondDatabase() throws Exception {
		UUID event = this.history.jdbc.sql("select event_id from audit_leaf where index = 1")
			.query(UUID.class)
			.single();
		String text = this.history.jdbc.sql("select event from audit_event where id = ?")
			.param(event)
			.query(String.class)
			.single();
		audit(owner("archive", "--before=2025-02", "--to=" + this.folder));
		String file = this.folder.resolve("history-2025-01.jsonl.gz").toString();
		try (OwnHistory second = new OwnHistory(TestDatabase.create())) {
			Answer opened = audit("open", file, "--key=" + key(), "--spring.datasource.url=" + second.url,
					"--spring.datasource.username=portal_owner", "--spring.datasource.password=test");

			assertThat(opened.code()).as(opened.text()).isZero();
			assertThat(opened.text()).contains("20 events loaded");
			History search = new History(second.jdbc, tools.jackson.databind.json.JsonMapper.shared());
			assertThat(search.find(event).orElseThrow()).satisfies((row) -> {
				assertThat(row.text()).isEqualTo(text);
				assertThat(row.who()).isEqualTo("Amina Okafor");
			});
		}
		assertThat(audit(owner("open", file, "--key=" + key())).text()).contains("Open them in another one.");
	}

	@Test
	void eventsOfOneClassLeaveBeforeTheOthersOfTheirMonth() throws Exception {
		for (String code : List.of("sign-in.staff", "access.denied", "mail.sent", "partner.invited")) {
			this.history.transaction
				.executeWithoutResult((status) -> new AuditLog(this.history.jdbc, () -> OwnHistory.AMINA,
						tools.jackson.databind.json.JsonMapper.shared(), java.time.Clock
							.fixed(java.time.Instant.parse("2025-01-20T12:00:00Z"), java.time.ZoneOffset.UTC))
					.append(Act.of(code)));
		}
		this.history.seal();

		Answer moved = audit(owner("archive", "--due", "--to=" + this.folder, "--portal.audit.keep-access=P3M",
				"--portal.audit.keep-operation=P99Y"));

		assertThat(moved.code()).as(moved.text()).isZero();
		assertThat(moved.text()).contains("2025-01: 2 events of class access moved").doesNotContain("operation");
		assertThat(this.history.jdbc.sql("select code from audit_event where code not like 'test.%' order by code")
			.query(String.class)
			.list()).contains("history.archived", "mail.sent", "partner.invited")
			.doesNotContain("sign-in.staff", "access.denied");
		assertThat(audit("verify", this.folder.resolve("history-2025-01-access.jsonl.gz").toString(), "--key=" + key())
			.code()).isZero();
		this.history.seal();
		assertThat(audit(auditor("verify", "--archives=" + this.folder)).text()).contains("2 archived", "All is well.");
		assertThat(audit(owner("archive", "--due", "--to=" + this.folder, "--portal.audit.keep-access=P3M")).text())
			.contains("Nothing is due.");

		assertThat(audit(owner("archive", "--before=2025-02", "--to=" + this.folder)).text())
			.contains("2025-01: 22 events moved");
		this.history.seal();
		assertThat(audit(auditor("verify", "--archives=" + this.folder)).text()).contains("24 archived",
				"All is well.");
	}

	@Test
	void whatEvidenceIsMadeOfIsInTheClassThatIsKeptLongest() {
		assertThat(Keeping.of("connector.change-approved")).isEqualTo(Keeping.RECORD);
		assertThat(Keeping.of("enforcement.began")).isEqualTo(Keeping.RECORD);
		assertThat(Keeping.of("tlscheck.failing")).isEqualTo(Keeping.RECORD);
		assertThat(Keeping.of("sign-out")).isEqualTo(Keeping.ACCESS);
		assertThat(Keeping.of("code.asked.refused")).isEqualTo(Keeping.ACCESS);
		assertThat(Keeping.of("history.searched")).isEqualTo(Keeping.ACCESS);
		assertThat(Keeping.of("history.archived")).isEqualTo(Keeping.RECORD);
		assertThat(Keeping.of("tlscheck.finished.failed")).isEqualTo(Keeping.OPERATION);
	}

	@Test
	void movesNothingThatIsNotSealed() throws Exception {
		at("2025-01-15T12:00:00Z");

		Answer refused = audit(owner("archive", "--before=2025-02", "--to=" + this.folder));

		assertThat(refused.code()).isEqualTo(AuditCommand.FAILED);
		assertThat(refused.text()).contains("not sealed yet");
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void namesTheFirstWrongEventOnTheCommandLine() throws Exception {
		UUID event = this.history.eventAt(5);
		this.history.spoil("update audit_event set code = 'test.other' where id = '" + event + "'");

		Answer answer = audit(auditor("verify"));

		assertThat(answer.code()).isEqualTo(AuditCommand.ALTERED);
		assertThat(answer.text()).contains("event number 5, " + event + ": its column “code” is not what was written.",
				"ALTERED: 1 wrong.");
	}

	@Test
	void comparesWithCheckpointsKeptInAFile() throws Exception {
		Checkpoint first = this.history.proofs.latest().orElseThrow();
		this.history.append(1).seal();
		Checkpoint second = this.history.proofs.latest().orElseThrow();
		Path kept = Files.writeString(this.folder.resolve("kept.txt"), first.note() + "\n" + second.note() + "\n");
		assertThat(audit(auditor("verify", "--checkpoint=" + kept)).code()).isZero();
		this.history.spoil("delete from audit_event where id = '" + this.history.eventAt(40) + "'",
				"delete from audit_personal where event_id = '" + this.history.eventAt(40) + "'",
				"delete from audit_leaf where index = 40", "delete from audit_checkpoint where size = 41");

		assertThat(audit(auditor("verify")).code()).isZero();
		Answer answer = audit(auditor("verify", "--checkpoint=" + kept));
		assertThat(answer.code()).isEqualTo(AuditCommand.ALTERED);
		assertThat(answer.text())
			.contains("event number 40: " + kept + " (2) was signed over 41 events, but only 40 are left");
	}

	@Test
	void takesNoKeyFromTheFileThatItChecks() {
		assertThat(audit("verify", "some.jsonl").text()).contains("--key=");
		assertThat(audit("verify", "some.jsonl", "--key=" + key()).code()).isEqualTo(AuditCommand.FAILED);
		assertThat(audit("dance").code()).isEqualTo(AuditCommand.FAILED);
		assertThat(audit().text()).contains("audit verify");
	}

	@Test
	void makesAKeyThatSigns() {
		String pem = audit("new-key").text();

		assertThat(SigningKey.of("portal", pem)
			.verifier()
			.signed(Checkpoint.sign(SigningKey.of("portal", pem), 0, Merkle.empty()).note())).isTrue();
	}

	private String key() {
		return this.history.keys.verifying().getFirst().toString();
	}

	private String[] owner(String... words) {
		return with("portal_owner", words);
	}

	private String[] auditor(String... words) {
		return with("portal_auditor", words);
	}

	private String[] with(String role, String... words) {
		List<String> all = new ArrayList<>(List.of(words));
		all.addAll(List.of("--key=" + key(), "--spring.datasource.url=" + this.history.url,
				"--spring.datasource.username=" + role, "--spring.datasource.password=test",
				"--logging.level.root=warn"));
		return all.toArray(String[]::new);
	}

	private static Answer audit(String... words) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		int code = AuditCommand.run(new PrintStream(out, true, StandardCharsets.UTF_8), List.of(words));
		return new Answer(code, out.toString(StandardCharsets.UTF_8));
	}

	private record Answer(int code, String text) {
	}

}
