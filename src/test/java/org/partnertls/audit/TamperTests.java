package org.partnertls.audit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.partnertls.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

/**
 * Somebody who rules the database server changes the history behind our back; the
 * verification finds it and names the first wrong event.
 */
@Execution(ExecutionMode.SAME_THREAD)
class TamperTests {

	/** More than a group, so that stored nodes take part. */
	private static final int EVENTS = 300;

	private static final long VICTIM = 123;

	private static String untouched;

	private static String pem;

	private OwnHistory history;

	private UUID victim;

	private String partition;

	@BeforeEach
	void copyTheUntouchedHistory() throws Exception {
		prepare();
		this.history = new OwnHistory(TestDatabase.copy(untouched), OwnHistory.keys(pem));
		this.victim = this.history.eventAt(VICTIM);
		this.partition = this.history.partitionOf(this.victim);
	}

	@AfterEach
	void close() {
		this.history.close();
	}

	private static synchronized void prepare() {
		if (untouched == null) {
			pem = SigningKey.generate();
			OwnHistory history = new OwnHistory(TestDatabase.create(), OwnHistory.keys(pem));
			for (int i = 0; i < EVENTS; i += 20) {
				history.append(20).seal();
			}
			untouched = history.url;
			history.close();
		}
	}

	@Test
	void findsNothingInAnUntouchedHistory() throws Exception {
		Verification.Outcome outcome = this.history.append(3).verify();

		assertThat(outcome.findings()).isEmpty();
		assertThat(outcome.sealed()).isEqualTo(EVENTS);
		assertThat(outcome.covered()).isEqualTo(EVENTS);
		assertThat(outcome.tail()).isEqualTo(3);
		assertThat(outcome.checkpoints()).isEqualTo(15);
		assertThat(outcome.personal()).isEqualTo(2 * (EVENTS + 3));
	}

	/** One event for each column, in this order. */
	private static final Map<String, String> COLUMNS = new LinkedHashMap<>();

	static {
		COLUMNS.put("id",
				"overlay(id::text placing (case substr(id::text, 36) when '0' then '1' else '0' end) from 36)::uuid");
		COLUMNS.put("at", "at + interval '1 microsecond'");
		COLUMNS.put("xid", "(xid::text::bigint # 1)::text::xid8");
		COLUMNS.put("event", "replace(event, 'Nordwind', 'Nordwine')");
		COLUMNS.put("code", "'test.happenee'");
		COLUMNS.put("outcome", "'refused'");
		COLUMNS.put("actor_kind", "'STAFG'");
		COLUMNS.put("actor_id", "'16'");
		COLUMNS.put("actor_role", "'administrator'");
		COLUMNS.put("subject_type", "'thine'");
		COLUMNS.put("subject_id", "'-'");
		COLUMNS.put("partner_id", "overlay(partner_id::text placing 'f' from 35)::uuid");
		COLUMNS.put("domain", "null");
		COLUMNS.put("request_id", "'a'");
	}

	@Test
	void findsOneColumnOfOneEventChangedWhicheverItIs() throws Exception {
		Map<Long, UUID> victims = new TreeMap<>();
		for (Map.Entry<String, String> column : COLUMNS.entrySet()) {
			long index = 11 + 20L * victims.size();
			UUID event = this.history.eventAt(index);
			victims.put(index, event);
			this.history.spoil("update " + this.partition + " set " + column.getKey() + " = " + column.getValue()
					+ " where id = '" + event + "'");
		}

		List<Finding> found = this.history.verify().findings();
		assertThat(found).filteredOn((finding) -> finding.index() != null)
			.extracting(Finding::index, Finding::event)
			.as(found::toString)
			.containsExactlyElementsOf(
					victims.entrySet().stream().map((victim) -> tuple(victim.getKey(), victim.getValue())).toList());
	}

	@Test
	void findsOneColumnOfOneLeafChangedWhicheverItIs() throws Exception {
		this.history.spoil("update audit_leaf set event_id = gen_random_uuid() where index = 11",
				"update audit_leaf set at = at - interval '1 microsecond' where index = 31",
				"update audit_leaf set xid = (xid::text::bigint # 1)::text::xid8 where index = 51",
				"update audit_leaf set hash = set_byte(hash, 5, get_byte(hash, 5) # 1) where index = 71",
				"update audit_leaf set index = 100000 where index = 91");

		List<Finding> found = this.history.verify().findings();
		assertThat(found.getFirst().index()).isEqualTo(11);
		assertThat(found).as(found::toString).extracting(Finding::index).contains(11L, 31L, 51L, 71L, 91L);
	}

	@Test
	void findsALeafTakenAway() throws Exception {
		this.history.spoil("delete from audit_leaf where index = 123");

		assertThat(this.history.verify().first().index()).isEqualTo(VICTIM);
	}

	@Test
	void findsAnEventRemoved() throws Exception {
		this.history.spoil("delete from " + this.partition + " where id = '" + this.victim + "'",
				"delete from audit_personal where event_id = '" + this.victim + "'");

		assertFirstWrong(this.victim, VICTIM);
	}

	@Test
	void findsAnEventRemovedWithItsLeafAndAllLaterOnesMovedUp() throws Exception {
		this.history.spoil("delete from " + this.partition + " where id = '" + this.victim + "'",
				"delete from audit_personal where event_id = '" + this.victim + "'",
				"delete from audit_leaf where index = 123",
				"update audit_leaf set index = index + 100000 where index > 123",
				"update audit_leaf set index = index - 100001 where index > 100000");

		Finding first = this.history.verify().first();
		// Signed after 120 events and after 140.
		assertThat(first.index()).isEqualTo(120);
		assertThat(first.last()).isEqualTo(139);
	}

	@Test
	void findsAnEventPutIn() throws Exception {
		UUID forged = UUID.randomUUID();
		this.history.spoil("insert into " + this.partition + " select '" + forged
				+ "', xid, at, replace(event, id::text, '" + forged
				+ "'), code, outcome, actor_kind, actor_id, actor_role, subject_type, subject_id, partner_id, domain, request_id from audit_event where id = '"
				+ this.victim + "'");

		assertThat(this.history.verify().findings()).anySatisfy((finding) -> {
			assertThat(finding.event()).isEqualTo(forged);
			assertThat(finding.words()).contains("put in");
		});
	}

	@Test
	void findsAnEventPutInAmongEarlierOnesUnderAnotherTime() throws Exception {
		UUID forged = UUID.randomUUID();
		this.history.spoil("insert into audit_event select '" + forged
				+ "', xid, at - interval '9 months', replace(event, id::text, '" + forged
				+ "'), code, outcome, actor_kind, actor_id, actor_role, subject_type, subject_id, partner_id, domain, request_id from audit_event where id = '"
				+ this.victim + "'");

		assertThat(this.history.verify().findings()).anySatisfy((finding) -> {
			assertThat(finding.event()).isEqualTo(forged);
			assertThat(finding.words()).contains("put in");
		});
	}

	@Test
	void findsTwoEventsThatExchangedTheirTexts() throws Exception {
		UUID other = this.history.eventAt(VICTIM + 40);
		this.history.spoil("update audit_event e set event = o.event from audit_event o where (e.id, o.id) in (('"
				+ this.victim + "', '" + other + "'), ('" + other + "', '" + this.victim + "'))");

		assertFirstWrong(this.victim, VICTIM);
	}

	@Test
	void findsTwoLeavesThatExchangedTheirPlaces() throws Exception {
		this.history.spoil("update audit_leaf set index = 5000 where index = 123",
				"update audit_leaf set index = 123 where index = 163",
				"update audit_leaf set index = 163 where index = 5000");

		assertThat(this.history.verify().first().index()).isEqualTo(VICTIM);
	}

	@Test
	void findsTheTailCutOff() throws Exception {
		this.history.spoil(
				"delete from audit_personal where event_id in (select event_id from audit_leaf where index >= 270)",
				"delete from " + this.partition + " where id in (select event_id from audit_leaf where index >= 270)",
				"delete from audit_leaf where index >= 270");

		Finding first = this.history.verify().first();
		assertThat(first.index()).isEqualTo(270);
		assertThat(first.words()).contains("cut off");
	}

	@Test
	void findsTheTailCutOffWithItsCheckpointsByOneKeptElsewhere() throws Exception {
		Checkpoint kept = this.history.proofs.latest().orElseThrow();
		this.history.spoil(
				"delete from audit_personal where event_id in (select event_id from audit_leaf where index >= 280)",
				"delete from " + this.partition + " where id in (select event_id from audit_leaf where index >= 280)",
				"delete from audit_leaf where index >= 280", "delete from audit_checkpoint where size > 280");

		assertThat(this.history.verify().findings()).isEmpty();
		Finding first = this.history.verify(Map.of("The mail of Monday", kept)).first();
		assertThat(first.index()).isEqualTo(280);
		assertThat(first.words()).startsWith("The mail of Monday").contains("cut off");
	}

	@Test
	void findsOneEventRewrittenAndEverythingHashedAgainWithoutTheKey() throws Exception {
		this.history.spoil("update " + this.partition
				+ " set domain = 'nordwine.example', event = replace(event, 'nordwind', 'nordwine') where id = '"
				+ this.victim + "'", "delete from audit_checkpoint where size = 140");
		rehash();

		Finding first = this.history.verify().first();
		// Signed after 120 events, and after the next 40, since one is gone.
		assertThat(first.index()).isEqualTo(120);
		assertThat(first.event()).isEqualTo(this.history.eventAt(120));
		assertThat(first.last()).isEqualTo(159);
	}

	@Test
	void findsEverythingHashedAndSignedAgainWithAnotherKey() throws Exception {
		Checkpoint kept = this.history.proofs.latest().orElseThrow();
		this.history.spoil("update " + this.partition
				+ " set domain = 'nordwine.example', event = replace(event, 'nordwind', 'nordwine') where id = '"
				+ this.victim + "'", "delete from audit_checkpoint");
		rehash();
		try (OwnHistory forger = new OwnHistory(this.history.url)) {
			forger.seal();
			assertThat(forger.verify().findings()).isEmpty();

			assertThat(this.history.verify().first().words()).contains("no good signature");
			assertThat(forger.verify(Map.of("The mail of Monday", kept)).findings())
				.anySatisfy((finding) -> assertThat(finding.words()).contains("does not fit The mail of Monday"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "update audit_node set hash = set_byte(hash, 0, get_byte(hash, 0) # 1)",
			"delete from audit_node", "insert into audit_node values (8, 1, sha256(''))",
			"insert into audit_node values (16, 0, sha256(''))",
			"insert into audit_personal values (gen_random_uuid(), 'note', '17', 'x', 'y')",
			"insert into audit_erased (at) values (now())" })
	void findsWhatNoEventTellsOf(String statement) throws Exception {
		this.history.spoil(statement);

		assertThat(this.history.verify().findings()).isNotEmpty();
	}

	@Test
	void findsCheckpointsChanged() throws Exception {
		this.history.spoil("update audit_checkpoint set note = overlay(note placing 'A' from 130) where size = 40",
				"update audit_checkpoint set size = 141 where size = 140",
				"update audit_checkpoint set root = sha256('') where size = 240");

		assertThat(this.history.verify().findings()).extracting(Finding::words)
			.hasSize(3)
			.anyMatch((words) -> words.contains("over 40 events"))
			.anyMatch((words) -> words.contains("over 141 events"))
			.anyMatch((words) -> words.contains("over 240 events"));
	}

	@Test
	void findsPersonalDataChangedBesideItsEvent() throws Exception {
		String reason = " where slot = 'reason' and event_id = '";
		this.history.spoil(
				"update audit_personal set content = 'because I said so'" + reason + this.history.eventAt(11) + "'",
				"update audit_personal set salt = 'another'" + reason + this.history.eventAt(31) + "'",
				"update audit_personal set salt = null, content = null" + reason + this.history.eventAt(51) + "'",
				"update audit_personal set person_id = '18' where slot = 'actor' and event_id = '"
						+ this.history.eventAt(71) + "'",
				"delete from audit_personal" + reason + this.history.eventAt(91) + "'",
				"insert into audit_personal select event_id, 'note', '17', salt, content from audit_personal" + reason
						+ this.history.eventAt(111) + "'");

		assertThat(this.history.verify().findings()).filteredOn((finding) -> finding.index() != null)
			.extracting(Finding::index)
			.containsExactly(11L, 31L, 51L, 71L, 91L, 111L);
	}

	@Test
	void refusesToSignAHistoryThatIsNotTheOneItSignedBefore() throws Exception {
		this.history.spoil("delete from audit_leaf where index >= 270");

		assertThatExceptionOfType(Sequencer.Refused.class).isThrownBy(() -> this.history.append(1).seal())
			.withMessageContaining("300 events was signed, but only");
	}

	private void assertFirstWrong(UUID event, long index) throws Exception {
		Verification.Outcome outcome = this.history.verify();
		assertThat(outcome.wrong()).isPositive();
		assertThat(outcome.first().index()).as(outcome.findings()::toString).isEqualTo(index);
		assertThat(outcome.findings()).anySatisfy((finding) -> assertThat(finding.event()).isEqualTo(event));
	}

	/** Makes leaves and nodes fit the events again, as whoever has the database can. */
	private void rehash() throws Exception {
		this.history.spoil(
				"update audit_leaf l set hash = sha256('\\x00'::bytea || convert_to(e.event, 'UTF8')) from audit_event e where e.id = l.event_id",
				"delete from audit_node");
		byte[] node = new Tree(this.history.jdbc).row(0, 0, 256)
			.stream()
			.collect(Merkle.Edge::new, Merkle.Edge::append, (a, b) -> {
			})
			.root();
		this.history
			.spoil("insert into audit_node values (8, 0, '\\x" + java.util.HexFormat.of().formatHex(node) + "')");
	}

}
