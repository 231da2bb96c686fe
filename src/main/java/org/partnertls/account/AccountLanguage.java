package org.partnertls.account;

import java.util.Locale;

import org.partnertls.mail.ReaderLanguage;
import org.partnertls.organization.EmailAddress;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Knows the language of an address by its account, or by the page on which somebody asked
 * for a code to it.
 */
@Component
class AccountLanguage implements ReaderLanguage {

	private final JdbcClient jdbc;

	AccountLanguage(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	@Override
	public Locale languageOf(EmailAddress address) {
		return this.jdbc.sql("""
				select language from (
					(select 1 as step, ended_at is not null as over, created_at as at, language from account
						where kind = 'PARTNER' and address_key = :key)
					union all (select 1, ended_at is not null, created_at, language from account
						where kind = 'STAFF' and lower(address) = :key)
					union all (select 2, false, asked_at, language from one_time_code where address_key = :key)) said
				where language is not null order by step, over, at desc limit 1""")
			.param("key", address.key())
			.query((row, number) -> Locale.forLanguageTag(row.getString("language")))
			.optional()
			.orElse(Locale.ENGLISH);
	}

}
