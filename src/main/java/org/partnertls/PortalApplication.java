package org.partnertls;

import java.time.Clock;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;

/**
 * The portal. {@code java -jar portal.jar} serves it;
 * {@code java -jar portal.jar migrate} brings the database schema up to date and ends.
 */
@SpringBootApplication
@ConfigurationPropertiesScan
public class PortalApplication {

	/**
	 * Serves the portal, or migrates if that is the first word.
	 * @param args settings as {@code --name=value}, after the word
	 */
	public static void main(String[] args) {
		if (args.length > 0 && args[0].equals("migrate")) {
			Migration.run(args);
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
