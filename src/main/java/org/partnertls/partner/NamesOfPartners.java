package org.partnertls.partner;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

import org.partnertls.audit.PartnerNames;
import org.partnertls.organization.Like;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** For the search of the history. */
@Component
class NamesOfPartners implements PartnerNames {

	private final JdbcClient jdbc;

	NamesOfPartners(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	@Override
	public Optional<String> of(UUID id) {
		return this.jdbc.sql("select name from partnership where id = ?").param(id).query(String.class).optional();
	}

	@Override
	public List<Named> named(String words, int most) {
		String lower = words.toLowerCase(Locale.ROOT);
		List<Named> found = this.jdbc.sql("""
				select id, name, reference from partnership where lower(name || ' ' || reference) like :part
				order by lower(name) <> :whole, lower(name), id limit :most""")
			.param("part", Like.containing(lower))
			.param("whole", lower)
			.param("most", most)
			.query((row, number) -> new Named(row.getObject(1, UUID.class), row.getString(2), row.getString(3)))
			.list();
		List<Named> whole = found.stream().filter((one) -> one.name().equalsIgnoreCase(words)).toList();
		return whole.isEmpty() ? found : whole;
	}

}
