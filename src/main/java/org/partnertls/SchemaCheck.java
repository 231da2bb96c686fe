package org.partnertls;

import java.util.Set;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.sql.init.dependency.AbstractBeansOfTypeDatabaseInitializerDetector;
import org.springframework.stereotype.Component;

/**
 * Stops the start on an empty or older schema, before anything else looks at the
 * database. A newer schema is taken, so that instances can be replaced one by one. Looks
 * through a connection of its own: a pool would log a refused one with all its frames.
 */
@Component
@ConditionalOnProperty(name = "spring.jpa.hibernate.ddl-auto", havingValue = "validate")
class SchemaCheck implements InitializingBean {

	private final JdbcConnectionDetails database;

	SchemaCheck(JdbcConnectionDetails database) {
		this.database = database;
	}

	@Override
	public void afterPropertiesSet() {
		MigrationInfoService migrations = Flyway.configure()
			.dataSource(this.database.getJdbcUrl(), this.database.getUsername(), this.database.getPassword())
			.load()
			.info();
		MigrationInfo[] pending = migrations.pending();
		if (pending.length > 0) {
			throw new OutOfDate(version(migrations.current()), version(pending[pending.length - 1]));
		}
	}

	static String version(@Nullable MigrationInfo migration) {
		return (migration != null) ? String.valueOf(migration.getVersion()) : "none";
	}

	/**
	 * The schema lacks migrations that this portal was built with.
	 */
	static final class OutOfDate extends RuntimeException {

		OutOfDate(String found, String needed) {
			super("The database schema is older than this portal (version found: %s, needed: %s).".formatted(found,
					needed));
		}

	}

	/**
	 * Makes Hibernate and all else that uses the database wait for the check.
	 */
	static final class Detector extends AbstractBeansOfTypeDatabaseInitializerDetector {

		@Override
		protected Set<Class<?>> getDatabaseInitializerBeanTypes() {
			return Set.of(SchemaCheck.class);
		}

	}

}
