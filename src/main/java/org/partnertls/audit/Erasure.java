package org.partnertls.audit;

import java.sql.SQLException;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Like;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Takes a person out of the history, and out of the tables of whoever else keeps people:
 * name, addresses and words kept beside events are erased with the salts of their
 * commitments, so that nobody can find them out by guessing; the events themselves stay,
 * and all their proofs.
 */
@Component
@Transactional(readOnly = true)
class Erasure {

	private static final int MOST = 50;

	/** Account, contact or address; jobs and visitors are nobody. */
	private static final Pattern PERSON = Pattern
		.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[^\\s@]+@[^\\s@]+");

	private final JdbcClient jdbc;

	private final AuditLog audit;

	private final List<PersonKeeper> keepers;

	private final Clock clock;

	Erasure(JdbcClient jdbc, AuditLog audit, List<PersonKeeper> keepers, Clock clock) {
		this.jdbc = jdbc;
		this.audit = audit;
		this.keepers = keepers;
		this.clock = clock;
	}

	/**
	 * Who is known by a name or an address: the same person can be known as an account,
	 * as a contact and by an address.
	 * @param words part of what is kept; at least three characters
	 */
	List<Known> find(String words) {
		return this.jdbc
			.sql("""
					select person_id, count(*) as pieces, max(content) filter (where content ilike :words) as example
					from audit_personal
					where person_id in (
						select person_id from audit_personal
						where content ilike :words and (person_id = lower(:exact) or slot in ('actor', 'recipient', 'address', 'owner')
							or slot like 'contact%' or slot like 'confirmed%'))
					group by person_id order by pieces desc limit 200""")
			.param("words", Like.containing(words))
			.param("exact", words)
			.query((row, number) -> new Known(row.getString(1), row.getLong(2), row.getString(3)))
			.list()
			.stream()
			.filter((known) -> PERSON.matcher(known.person()).matches())
			.limit(MOST)
			.toList();
	}

	/** Why a person cannot be erased yet, in sentences. */
	List<String> needed(List<String> people) {
		List<String> whose = known(people);
		return this.keepers.stream().flatMap((keeper) -> keeper.needed(whose).stream()).distinct().toList();
	}

	/**
	 * Erases one person.
	 * @param people all ids by which the person is known
	 * @param reason why, for example the request's reference
	 * @return the number under which the person is shown from now on; empty when nothing
	 * was kept
	 */
	@Transactional
	public Optional<Long> erase(List<String> people, String reason) {
		List<String> whose = known(people);
		Long number = this.jdbc.sql("select audit_erase(?, ?)")
			.params(array(whose), AuditLog.utc(this.clock.instant()))
			.query((row, at) -> number(row.getLong(1), row.wasNull()))
			.single()
			.orElse(null);
		if (number == null) {
			return Optional.empty();
		}
		this.keepers.forEach(
				(keeper) -> keeper.erase(whose, "erased contact " + number, "erased-" + number + "@erased.invalid"));
		this.audit.append(Act.of("person.erased").on("person", number).detail("ids", whose.size()).reason(reason));
		return Optional.of(number);
	}

	/** All that is kept of a person, for the person: their right to a copy. */
	@Transactional
	public Map<String, Object> copy(List<String> people) {
		List<String> whose = known(people);
		List<Map<String, @Nullable Object>> beside = this.jdbc
			.sql("""
					select e.at::text, e.code, e.id::text as event, p.slot, p.content
					from audit_personal p join audit_event e on e.id = p.event_id
					where p.person_id = any(cast(:people as text[])) and p.content is not null order by e.at, e.id, p.slot""")
			.param("people", array(whose))
			.query()
			.listOfRows();
		this.audit.append(Act.of("person.copied")
			.detail("pieces", beside.size())
			.personal("person", whose.isEmpty() ? null : whose.getFirst(), String.join(" ", whose)));
		return Map.of("known as", whose, "in the history", beside, "elsewhere",
				this.keepers.stream().flatMap((keeper) -> keeper.kept(whose).stream()).toList());
	}

	// The same person is known by several ids: as account, as contact, by address. Each
	// may lead to more: an account to its address, the address to other accounts.
	private List<String> known(List<String> people) {
		Set<String> all = new LinkedHashSet<>(
				people.stream().filter((person) -> PERSON.matcher(person).matches()).limit(MOST).toList());
		int before;
		do {
			before = all.size();
			this.keepers.forEach((keeper) -> all.addAll(keeper.alsoKnownAs(List.copyOf(all))));
		}
		while (all.size() > before);
		return List.copyOf(all);
	}

	private static Optional<Long> number(long number, boolean none) throws SQLException {
		return none ? Optional.empty() : Optional.of(number);
	}

	private static String[] array(List<String> whose) {
		return whose.toArray(String[]::new);
	}

	/**
	 * A person, by one of their ids.
	 *
	 * @param person the id
	 * @param pieces how much is kept
	 * @param example something of it, to tell them apart
	 */
	record Known(String person, long pieces, String example) {

		/** The example as people read it. */
		public String words() {
			if (!this.example.startsWith("{")) {
				return this.example;
			}
			JsonNode actor = JsonMapper.shared().readTree(this.example);
			return Stream.of("name", "address", "ip")
				.map((part) -> actor.path(part).asString(""))
				.filter((part) -> !part.isEmpty())
				.collect(Collectors.joining(", "));
		}

	}

}
