package org.partnertls.partner;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

import org.partnertls.audit.PartnerNames;

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
	public Map<UUID, String> all() {
		Map<UUID, String> all = new LinkedHashMap<>();
		this.jdbc.sql("select id, name from partnership order by lower(name), id").query((row) -> {
			all.put(row.getObject(1, UUID.class), row.getString(2));
		});
		return all;
	}

}
