package org.partnertls.account;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.session.config.SessionRepositoryCustomizer;
import org.springframework.session.jdbc.JdbcIndexedSessionRepository;

/**
 * Writes down once a minute that a session is in use, not at every page: that is close
 * enough for a session that ends after an hour, and spares most requests a write.
 */
@Configuration(proxyBeanMethods = false)
class SessionWrites {

	// Takes the parameters in the order in which Spring Session gives them.
	private static final String UPDATE = """
			update spring_session s set session_id = v.session_id, last_access_time = v.accessed,
				max_inactive_interval = v.inactive, expiry_time = v.expires, principal_name = v.principal
			from (select ?::text as session_id, ?::bigint as accessed, ?::int as inactive, ?::bigint as expires,
				?::text as principal, ?::char(36) as id) v
			where s.primary_id = v.id and (s.session_id <> v.session_id or s.last_access_time < v.accessed - 60000
				or s.max_inactive_interval <> v.inactive or s.principal_name is distinct from v.principal)""";

	@Bean
	SessionRepositoryCustomizer<JdbcIndexedSessionRepository> onceAMinute() {
		return (repository) -> repository.setUpdateSessionQuery(UPDATE);
	}

}
