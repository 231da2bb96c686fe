package org.partnertls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import lab.Neighbourhood;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a portal needs to run as it does in production: neighbours, a database and the
 * settings that lead to both, with waiting times of seconds. And the people who use it.
 */
final class WholePortal implements AutoCloseable {

	static final String OWNER = "ines.albrecht@" + Neighbourhood.OUR_DOMAIN;

	final Neighbourhood neighbourhood;

	final URI address;

	final String database = TestDatabase.create();

	final Map<String, Object> settings = new LinkedHashMap<>();

	private final List<Visitor> visitors = new ArrayList<>();

	WholePortal() throws IOException {
		this.neighbourhood = Neighbourhood.temporary(Clock.systemUTC());
		int port = freePort();
		this.address = URI.create("http://localhost:" + port);
		this.settings.putAll(this.neighbourhood.portalSettings(this.address));
		this.settings.put("server.address", "127.0.0.1");
		this.settings.put("server.port", port);
		this.settings.put("server.shutdown", "immediate");
		this.settings.put("spring.datasource.url", this.database);
		this.settings.put("spring.datasource.username", "portal_app");
		this.settings.put("spring.datasource.password", "test");
		this.settings.put("spring.datasource.hikari.maximum-pool-size", "8");
		this.settings.put("spring.main.banner-mode", "off");
		this.settings.put("logging.level.root", "warn");
		this.settings.put("portal.evidence.observation", "0s");
		this.settings.put("portal.connector.push-interval", "1s");
		this.settings.put("portal.connector.propagation", "1s");
		this.settings.put("portal.connector.validation-pause", "1s");
		this.settings.put("portal.connector.read-back-pause", "1s");
	}

	Visitor visitor() {
		Visitor visitor = new Visitor(this.address, this.neighbourhood);
		this.visitors.add(visitor);
		return visitor;
	}

	/**
	 * Does every task of the list as the partner's person, and confirms.
	 * @param person somebody of the partner's who has signed in
	 */
	void doTasks(Visitor person, Neighbourhood.Partner partner) {
		person.open("/tasks")
			.follow("Who we can talk to")
			.type("emergencyName", "Greta Hahn")
			.type("emergencyAddress", "greta.hahn@private.example")
			.press("Save these contacts");
		assertThat(person.path()).isEqualTo("/tasks");

		person.follow("Your mail domains").mustRead("Not proven yet");
		this.neighbourhood.publish(partner, person.textOf("name-0"), person.textOf("value-0"));
		person.press("Look for the record of " + partner.domain() + " now").mustRead("We found the record");

		person.open("/tasks").follow("How you receive mail").press("Check our mail servers now");
		person.openUntil("/tasks/receiving", (page) -> !page.reads("Looking at the mail servers"));
		person.mustRead(partner.server().host()).press("Continue");

		person.follow("How you send mail").choose("platforms", "POSTFIX").press("Save and show the recipe");
		assertThat(person.path()).isEqualTo("/tasks/setup");
		person.mustRead("smtp_tls_policy_maps").choose("state", "BOTH").press("Continue");

		person.follow("Send us a test message");
		assertThat(this.neighbourhood.sendTestMessage(partner, person.textOf("address"), true).accepted()).isTrue();
		person.press("Look now").mustRead("seen by us").follow("Continue");

		person.follow("Check and confirm").press("Confirm our mail server settings").mustRead("There is a problem");
		person.choose("toUs", "YES")
			.choose("fromUs", "YES")
			.type("name", "Mika Brandt")
			.type("role", "Mail administrator")
			.choose("truthful", "true")
			.press("Confirm our mail server settings");
		person.mustRead("We have your confirmation");
	}

	@Override
	public void close() {
		this.visitors.forEach(Visitor::close);
		this.neighbourhood.close();
	}

	private static int freePort() {
		try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
			return free.getLocalPort();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
