package org.partnertls;

import java.util.Arrays;

import org.flywaydb.core.Flyway;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Brings the schema up to date and ends. Starts only Flyway, at
 * {@code spring.datasource.url}, as {@code spring.flyway.user} with
 * {@code spring.flyway.password} or, without them, as the data source's user. Not a
 * component, so that the running portal never holds it.
 */
@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class })
final class Migration {

	private static final Logger log = LoggerFactory.getLogger(Migration.class);

	private Migration() {
	}

	/**
	 * Migrates.
	 * @param args the command line
	 * @throws RuntimeException when the schema could not be brought up to date; the
	 * reason has been logged in words by then
	 */
	static void run(String... args) {
		String[] settings = Arrays.copyOf(args, args.length + 1);
		settings[args.length] = "--spring.flyway.enabled=true";
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Migration.class)
			.web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.run(settings)) {
			log.info("The schema is up to date at version {}.",
					SchemaCheck.version(context.getBean(Flyway.class).info().current()));
		}
	}

}
