package org.partnertls.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Ids;
import org.slf4j.MDC;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Appends to the history, in the caller's transaction: no change without its event, no
 * event without its change.
 * <p>
 * The stored text is canonical JSON (RFC 8785) of strings only, with the time in UTC at
 * microseconds. Personal data stands beside it; the event carries {@code SHA-256(salt ||
 * UTF-8 of the data)} as a commitment, so that data can be erased and proofs still hold.
 */
@Component
public class AuditLog {

	private static final DateTimeFormatter MICROSECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
		.withZone(ZoneOffset.UTC);

	// Without numbers, RFC 8785 asks for no more than keys in the order of their UTF-16
	// units, and as few escapes as there can be, in small letters.
	private static final JsonMapper CANONICAL = JsonMapper.builder()
		.enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
		.disable(MapperFeature.SORT_CREATOR_PROPERTIES_FIRST)
		.disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE, JsonWriteFeature.ESCAPE_FORWARD_SLASHES)
		.build();

	private static final String EVENT = """
			insert into audit_event (id, at, event, code, outcome, actor_kind, actor_id, actor_role, subject_type,
				subject_id, partner_id, domain, request_id)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";

	private static final String PERSONAL = """
			with personal as (insert into audit_personal (event_id, slot, person_id, salt, content) values\s""";

	private static final SecureRandom RANDOM = new SecureRandom();

	private static final int MOST_NAMED = 10_000;

	private final Set<List<String>> named = ConcurrentHashMap.newKeySet();

	private final JdbcClient jdbc;

	private final ActorSource actors;

	private final JsonMapper json;

	private final Clock clock;

	AuditLog(JdbcClient jdbc, ActorSource actors, JsonMapper json, Clock clock) {
		this.jdbc = jdbc;
		this.actors = actors;
		this.json = json;
		this.clock = clock;
	}

	/**
	 * Appends in the transaction of the change.
	 * @throws org.springframework.transaction.IllegalTransactionStateException when there
	 * is none
	 */
	@Transactional(propagation = Propagation.MANDATORY)
	public void append(Act act) {
		write(act);
	}

	/**
	 * Appends in a transaction of its own: for what was refused or only looked at, after
	 * the transaction that refused it has ended.
	 */
	@Transactional(propagation = Propagation.REQUIRES_NEW)
	public void appendAlone(Act act) {
		write(act);
	}

	private void write(Act act) {
		Actor actor = (act.actor != null) ? act.actor : this.actors.current();
		Instant at = this.clock.instant().truncatedTo(ChronoUnit.MICROS);
		UUID id = Ids.at(at);
		describe(act, actor);
		List<@Nullable Object> values = new ArrayList<>();
		Map<String, String> commitments = beside(act, actor, id, values);
		String code = Words.code(act.code, act.outcome);
		String event = canonical(act, code, actor, id, at, commitments);
		values.addAll(Arrays.asList(id, utc(at), event, code, act.outcome, actor.kind().name(), actor.id(),
				actor.role(), act.subjectType, act.subjectId, act.partnerId, act.domain, MDC.get("request")));
		// One statement: what an event costs is a trip to the database.
		this.jdbc.sql(statement(commitments.size())).params(values).update();
	}

	/**
	 * Adds what is kept beside an event to the values of the statement.
	 * @return the commitments that the event carries instead, by slot
	 */
	private static Map<String, String> beside(Act act, Actor actor, UUID event, List<@Nullable Object> values) {
		Map<String, String> commitments = new TreeMap<>();
		act.personal.forEach((slot, personal) -> {
			byte[] salt = new byte[16];
			RANDOM.nextBytes(salt);
			String person = personal.personId();
			values.addAll(List.of(event, slot, (person != null) ? person : actor.id(), salt, personal.content()));
			commitments.put(slot, commitment(salt, personal.content()));
		});
		return commitments;
	}

	private static String statement(int beside) {
		return (beside == 0) ? EVENT
				: PERSONAL + String.join(", ", Collections.nCopies(beside, "(?, ?, ?, ?, ?)")) + ")\n" + EVENT;
	}

	private void describe(Act act, Actor actor) {
		Map<String, String> who = new TreeMap<>();
		putUnlessNull(who, "name", actor.name());
		putUnlessNull(who, "address", actor.address());
		putUnlessNull(who, "ip", actor.ip());
		if (!who.isEmpty()) {
			act.personal("actor", actor.id(), this.json.writeValueAsString(who));
		}
		if (actor.name() != null) {
			name(actor.id(), actor.name(), (actor.address() != null) ? actor.address() : "");
		}
	}

	// Who was named in a transaction of an hour ago need not be asked for again; what a
	// transaction takes back with it is asked for anew.
	private void name(String person, String name, String address) {
		List<String> key = List.of(person, name, address);
		if (this.named.contains(key)) {
			return;
		}
		this.jdbc.sql("""
				insert into audit_name (person_id, name, address, first_at) values (?, ?, ?, ?)
				on conflict do nothing""").params(person, name, address, utc(this.clock.instant())).update();
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void afterCommit() {
				if (AuditLog.this.named.size() >= MOST_NAMED) {
					AuditLog.this.named.clear();
				}
				AuditLog.this.named.add(key);
			}

		});
	}

	/**
	 * The commitment that an event carries for data kept beside it.
	 */
	static String commitment(byte[] salt, String content) {
		try {
			MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
			sha256.update(salt);
			return HexFormat.of().formatHex(sha256.digest(content.getBytes(StandardCharsets.UTF_8)));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("every Java platform has SHA-256", ex);
		}
	}

	private String canonical(Act act, String code, Actor actor, UUID id, Instant at, Map<String, String> commitments) {
		Map<String, Object> event = new LinkedHashMap<>();
		event.put("v", "1");
		event.put("id", id.toString());
		event.put("at", MICROSECONDS.format(at));
		event.put("code", code);
		event.put("outcome", act.outcome);
		Map<String, String> who = new TreeMap<>(Map.of("kind", actor.kind().name(), "id", actor.id()));
		putUnlessNull(who, "role", actor.role());
		event.put("actor", who);
		if (act.subjectType != null && act.subjectId != null) {
			event.put("subject", Map.of("type", act.subjectType, "id", act.subjectId));
		}
		if (act.partnerId != null) {
			event.put("partner",
					Map.of("id", act.partnerId.toString(), "name", (act.partnerName != null) ? act.partnerName : ""));
		}
		putUnlessNull(event, "domain", act.domain);
		putUnlessNull(event, "request", MDC.get("request"));
		if (!act.details.isEmpty()) {
			event.put("details", act.details);
		}
		if (!act.changes.isEmpty()) {
			event.put("changes", act.changes);
		}
		if (!commitments.isEmpty()) {
			event.put("commitments", commitments);
		}
		return canonical(event);
	}

	/** Canonical JSON (RFC 8785) of strings, nulls, and maps and records of them. */
	static String canonical(Map<String, ?> event) {
		return CANONICAL.writeValueAsString(event);
	}

	private static <V> void putUnlessNull(Map<String, ? super V> map, String key, @Nullable V value) {
		if (value != null) {
			map.put(key, value);
		}
	}

	static OffsetDateTime utc(Instant instant) {
		return instant.atOffset(ZoneOffset.UTC);
	}

}
