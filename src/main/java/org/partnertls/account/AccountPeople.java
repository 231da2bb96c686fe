package org.partnertls.account;

import java.sql.Types;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.PersonKeeper;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The people behind accounts. An erased account can no longer sign in; staff who still
 * work here get a name again at their next sign-in.
 */
@Component
class AccountPeople implements PersonKeeper {

	private static final String THESE = " where (id::text = any(cast(:people as text[])) or address_key = any(cast(:people as text[])))";

	private final JdbcClient jdbc;

	private final Clock clock;

	AccountPeople(JdbcClient jdbc, Clock clock) {
		this.jdbc = jdbc;
		this.clock = clock;
	}

	@Override
	public List<String> alsoKnownAs(Collection<String> people) {
		return this.jdbc
			.sql("select id::text from account" + THESE + " union select address_key from account" + THESE
					+ " and address_key is not null")
			.param("people", people.toArray(new String[0]))
			.query((row, number) -> row.getString(1))
			.list();
	}

	@Override
	public List<String> needed(Collection<String> people) {
		return List.of();
	}

	@Override
	@Transactional(propagation = Propagation.MANDATORY)
	public void erase(Collection<String> people, String pseudonym, String address) {
		this.jdbc.sql("""
				update account set name = :name, version = version + 1,
					address = case kind when 'PARTNER' then :address end,
					address_key = case kind when 'PARTNER' then :address end,
					ended_at = case kind when 'PARTNER' then coalesce(ended_at, :now) else ended_at end""" + THESE)
			.param("name", pseudonym)
			.param("address", address)
			.param("now", this.clock.instant().atOffset(ZoneOffset.UTC), Types.TIMESTAMP_WITH_TIMEZONE)
			.param("people", people.toArray(new String[0]))
			.update();
		this.jdbc.sql("delete from one_time_code where address_key = any(cast(:people as text[]))")
			.param("people", people.toArray(new String[0]))
			.update();
	}

	@Override
	public List<Map<String, @Nullable Object>> kept(Collection<String> people) {
		return this.jdbc.sql(
				"select 'account' as table, id::text, kind, name, address, roles, created_at::text, ended_at::text from account"
						+ THESE)
			.param("people", people.toArray(new String[0]))
			.query()
			.listOfRows();
	}

}
