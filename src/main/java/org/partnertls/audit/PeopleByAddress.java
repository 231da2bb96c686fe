package org.partnertls.audit;

import java.util.Collection;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * People who stand in one table by their address.
 */
public class PeopleByAddress implements PersonKeeper {

	private final JdbcClient jdbc;

	private final String table;

	private final String these;

	private final String erased;

	private final String living;

	private final String why;

	/**
	 * People of whom nothing depends.
	 * @param table the table
	 * @param address its column with the address
	 * @param erased what is set when one of them is erased, in SQL; {@code :name} is the
	 * pseudonym and {@code :address} an address that leads nowhere
	 */
	public PeopleByAddress(JdbcClient jdbc, String table, String address, String erased) {
		this(jdbc, table, address, erased, "false", "");
	}

	/**
	 * The same where some are needed.
	 * @param living which rows still need their person, in SQL
	 * @param why what to do first, as a sentence
	 */
	public PeopleByAddress(JdbcClient jdbc, String table, String address, String erased, String living, String why) {
		this.jdbc = jdbc;
		this.table = table;
		this.these = " where lower(" + address + ") = any(cast(:people as text[]))";
		this.erased = erased;
		this.living = living;
		this.why = why;
	}

	@Override
	public List<String> alsoKnownAs(Collection<String> people) {
		return List.of();
	}

	@Override
	public List<String> needed(Collection<String> people) {
		return this.jdbc.sql("select exists (select from " + this.table + this.these + " and " + this.living + ")")
			.param("people", array(people))
			.query(Boolean.class)
			.single() ? List.of(this.why) : List.of();
	}

	@Override
	public void erase(Collection<String> people, String pseudonym, String address) {
		this.jdbc.sql("update " + this.table + " set " + this.erased + this.these)
			.param("name", pseudonym)
			.param("address", address)
			.param("people", array(people))
			.update();
	}

	@Override
	public List<Map<String, @Nullable Object>> kept(Collection<String> people) {
		return this.jdbc
			.sql("select '" + this.table + "' as table, to_jsonb(t)::text as row from " + this.table + " t"
					+ this.these)
			.param("people", array(people))
			.query()
			.listOfRows();
	}

	private static String[] array(Collection<String> people) {
		return people.toArray(String[]::new);
	}

}
