package org.partnertls.mail;

import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.ActorSource;
import org.partnertls.audit.AuditLog;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Our own wording of letters, each version ever in force.
 */
@Component
class Wordings {

	private final JdbcClient jdbc;

	private final AuditLog audit;

	private final ActorSource actors;

	private final Clock clock;

	Wordings(JdbcClient jdbc, AuditLog audit, ActorSource actors, Clock clock) {
		this.jdbc = jdbc;
		this.audit = audit;
		this.actors = actors;
		this.clock = clock;
	}

	/** The wording in force; nothing: the portal's own. */
	Optional<Wording> current(String letter, Locale language) {
		return versions(letter, language).stream().findFirst().filter((newest) -> newest.text() != null);
	}

	/** All versions, newest first. */
	List<Wording> versions(String letter, Locale language) {
		return this.jdbc.sql("""
				select version, text, changed_at, changed_by from letter_wording
				where letter = ? and language = ? order by version desc""")
			.params(letter, language.getLanguage())
			.query((row, number) -> new Wording(row.getInt("version"), row.getString("text"),
					row.getObject("changed_at", OffsetDateTime.class).toInstant(), row.getString("changed_by")))
			.list();
	}

	/** Which letters have words of ours, as {@code name_language}. */
	List<String> changed() {
		return this.jdbc.sql("""
				select letter || '_' || language from (
					select distinct on (letter, language) letter, language, text from letter_wording
					order by letter, language, version desc) w
				where text is not null""").query((row, number) -> row.getString(1)).list();
	}

	/**
	 * Puts a letter into other words.
	 * @param text null: the portal's own again
	 * @param seen the version that they were made from; 0: none
	 * @return whether nobody has changed it meanwhile
	 */
	@Transactional
	boolean change(String letter, Locale language, @Nullable String text, int seen) {
		Actor actor = this.actors.current();
		int added = this.jdbc.sql("""
				insert into letter_wording (letter, language, version, text, changed_at, changed_by, editor)
				select :letter, :language, :next, :text, :at, :by, :editor
				where (select coalesce(max(version), 0) from letter_wording
					where letter = :letter and language = :language) = :seen
				on conflict do nothing""")
			.param("letter", letter)
			.param("language", language.getLanguage())
			.param("next", seen + 1)
			.param("seen", seen)
			.param("text", text)
			.param("at", this.clock.instant().atOffset(ZoneOffset.UTC))
			.param("editor", actor.id())
			.param("by", (actor.name() != null) ? actor.name() : actor.id())
			.update();
		if (added == 0) {
			return false;
		}
		this.audit.append(Act.of((text != null) ? "letter.reworded" : "letter.reset")
			.on("letter-kind", letter)
			.detail("language", language.getLanguage())
			.detail("version", seen + 1)
			.reason(text));
		return true;
	}

	/**
	 * A version.
	 *
	 * @param text null: the portal's own
	 * @param by the name of who made it
	 */
	record Wording(int version, @Nullable String text, Instant at, String by) {
	}

}
