package org.partnertls.partner;

import java.util.Collection;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.PeopleByAddress;
import org.partnertls.audit.PersonKeeper;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The people whom partners named. While mail with a partner depends on somebody they are
 * needed by name; another has to be named first.
 */
@Component
class ContactPeople implements PersonKeeper {

	private static final String THESE = " (c.id::text = any(cast(:people as text[])) or lower(c.address) = any(cast(:people as text[])))";

	private final JdbcClient jdbc;

	ContactPeople(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	@Override
	public List<String> alsoKnownAs(Collection<String> people) {
		return this.jdbc
			.sql("select c.id::text from contact c where" + THESE
					+ " union select lower(c.address) from contact c where" + THESE)
			.param("people", people.toArray(new String[0]))
			.query((row, number) -> row.getString(1))
			.list();
	}

	@Override
	public List<String> needed(Collection<String> people) {
		return this.jdbc
			.sql("select distinct p.name from contact c join partnership p on p.id = c.partnership_id where" + THESE
					+ " and p.state in ('INVITED', 'ONBOARDING', 'ACTIVE', 'SUSPENDED') order by 1")
			.param("people", people.toArray(new String[0]))
			.query((row, number) -> "This person is a contact of " + row.getString(1)
					+ ", with whom mail depends on it. Let another be named there first.")
			.list();
	}

	@Override
	@Transactional(propagation = Propagation.MANDATORY)
	public void erase(Collection<String> people, String pseudonym, String address) {
		this.jdbc.sql("update contact c set name = :name, address = :address, phone = null where" + THESE)
			.param("name", pseudonym)
			.param("address", address)
			.param("people", people.toArray(new String[0]))
			.update();
	}

	@Override
	public List<Map<String, @Nullable Object>> kept(Collection<String> people) {
		return this.jdbc.sql("""
				select 'contact' as table, c.id::text, p.name as partner, c.name, c.address, c.phone, c.role
				from contact c join partnership p on p.id = c.partnership_id where""" + THESE)
			.param("people", people.toArray(new String[0]))
			.query()
			.listOfRows();
	}

	/** Those of ours who own a relation. */
	@Configuration(proxyBeanMethods = false)
	static class Owners {

		@Bean
		PersonKeeper ownersOfRelations(JdbcClient jdbc) {
			return new PeopleByAddress(jdbc, "partnership", "owner_address",
					"owner_name = :name, owner_address = :address, owner_returned_at = null, owner_returned_why = null,"
							+ " version = version + 1",
					"state in ('INVITED', 'ONBOARDING', 'ACTIVE', 'SUSPENDED')",
					"This person owns relations that go on. Hand them over to a colleague first, under Owners.");
		}

	}

}
