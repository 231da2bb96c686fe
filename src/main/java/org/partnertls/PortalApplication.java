package org.partnertls;

import java.time.Clock;
import java.util.List;

import org.partnertls.audit.AuditCommand;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;

/**
 * The portal. {@code java -jar portal.jar} serves it;
 * {@code java -jar portal.jar migrate} brings the database schema up to date and ends;
 * {@code java -jar portal.jar audit} verifies and archives the history.
 */
@SpringBootApplication
@ConfigurationPropertiesScan
public class PortalApplication {

	/**
	 * Serves the portal, or does what the first word says.
	 * @param args settings as {@code --name=value}, after the word
	 */
	public static void main(String[] args) {
		if (args.length > 0 && args[0].equals("migrate")) {
			Migration.run(args);
		}
		else if (args.length > 0 && args[0].equals("audit")) {
			System.exit(AuditCommand.run(System.out, List.of(args).subList(1, args.length)));
		}
		else {
			SpringApplication.run(PortalApplication.class, args);
		}
	}

	@Bean
	Clock clock() {
		return Clock.systemUTC();
	}

}
