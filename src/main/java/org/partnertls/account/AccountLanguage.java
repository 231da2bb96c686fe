package org.partnertls.account;

import java.sql.Types;
import java.util.Locale;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.mail.ReaderLanguage;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Knows the language of an address by its account, first the one for the partner that a
 * letter is about, or by the page on which somebody asked for a code to it.
 */
@Component
class AccountLanguage implements ReaderLanguage {

	private final JdbcClient jdbc;

	private final OrganizationProperties organization;

	AccountLanguage(JdbcClient jdbc, OrganizationProperties organization) {
		this.jdbc = jdbc;
		this.organization = organization;
	}

	@Override
	public Locale languageOf(EmailAddress address) {
		return languageOf(address, null);
	}

	@Override
	public Locale languageOf(EmailAddress address, @Nullable UUID partnerId) {
		return this.jdbc.sql("""
				select language from (
					(select 1 as step, ended_at is not null as over, partner_id is distinct from :about as elsewhere,
						created_at as at, language from account where kind = 'PARTNER' and address_key = :key)
					union all (select 1, ended_at is not null, false, created_at, language from account
						where kind = 'STAFF' and lower(address) = :key)
					union all (select 2, false, false, asked_at, language from one_time_code where address_key = :key)
					union all (select 3, ended_at is not null, false, created_at, language from account
						where kind = 'PARTNER' and partner_id = :partner)) said
				where language is not null order by step, over, elsewhere, at desc limit 1""")
			.param("key", address.key())
			.param("about", partnerId, Types.OTHER)
			.param("partner", isOurs(address) ? null : partnerId, Types.OTHER)
			.query((row, number) -> Locale.forLanguageTag(row.getString("language")))
			.optional()
			.orElse(Locale.ENGLISH);
	}

	// A colleague who is told about a partner is not the partner's.
	private boolean isOurs(EmailAddress address) {
		return this.organization.mailDomains()
			.stream()
			.anyMatch((ours) -> address.domain().equals(ours) || address.domain().isBelow(ours));
	}

}
