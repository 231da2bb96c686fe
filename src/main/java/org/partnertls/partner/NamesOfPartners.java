package org.partnertls.partner;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

import org.partnertls.account.Organisations;
import org.partnertls.audit.PartnerNames;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.Like;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** For the search of the history, and for whoever signs in for several partners. */
@Component
class NamesOfPartners implements PartnerNames, Organisations {

	private final JdbcClient jdbc;

	NamesOfPartners(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	@Override
	public Optional<String> of(UUID id) {
		return this.jdbc.sql("select name from partnership where id = ?").param(id).query(String.class).optional();
	}

	@Override
	public List<Organisation> find(Collection<UUID> ids) {
		return this.jdbc.sql("""
				select p.id, p.name,
					(select d.name from mail_domain d where d.partnership_id = p.id order by d.asked_at, d.id limit 1)
				from partnership p where p.id = any(:ids) order by lower(p.name), p.id""")
			.param("ids", ids.toArray(new UUID[0]))
			.query((row, number) -> new Organisation(row.getObject(1, UUID.class), row.getString(2),
					DomainName.of(row.getString(3)).display()))
			.list();
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
