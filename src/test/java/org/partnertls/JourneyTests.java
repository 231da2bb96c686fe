package org.partnertls;

import java.io.IOException;
import java.util.List;
import java.util.Map;

import lab.Neighbourhood;
import lab.PartnerMailClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The real portal with its own jobs among real neighbours, used by people over HTTP.
 */
@Execution(ExecutionMode.SAME_THREAD)
class JourneyTests {

	private static WholePortal whole;

	private static ConfigurableApplicationContext portal;

	@BeforeAll
	static void start() throws IOException {
		whole = new WholePortal();
		portal = new SpringApplicationBuilder(PortalApplication.class)
			.initializers((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("journey", whole.settings)))
			.run();
	}

	@AfterAll
	static void stop() {
		if (portal != null) {
			portal.close();
		}
		whole.close();
	}

	@Test
	void aRequestBecomesEnforcedTlsInBothDirections() {
		Neighbourhood.Partner nordwind = whole.neighbourhood.partner("nordwind.example");
		String address = "mika.brandt@nordwind.example";
		Visitor mika = whole.visitor();
		Visitor tomas = whole.visitor();
		Visitor amina = whole.visitor();

		asks(mika, nordwind, address);
		String partner = accepts(tomas, nordwind, address);
		mika.signInByCode(address);
		assertThat(mika.path()).isEqualTo("/tasks");
		assertThat(mika.hasCookie("PORTAL")).isTrue();
		whole.doTasks(mika, nordwind);

		amina.signInAsStaff("Amina Okafor");
		mayNotApprove(tomas, nordwind);
		assertThat(whole.neighbourhood.exchange().outbound()).isEmpty();
		assertThat(whole.neighbourhood.exchange().inbound()).isEmpty();
		amina.open("/reviews")
			.follow(nordwind.name())
			.mustRead("so it is yours to decide", "To nordwind.example", "From nordwind.example")
			.press("Approve: create, test, then enforce")
			.mustRead("Approved.");

		// A direction counts once the way of mail was looked at.
		amina.openUntil(partner, (page) -> page.reads("always uses TLS") && page.reads("rejected without TLS")
				&& page.reads("Active") && !page.reads("path not checked yet"));
		amina.mustRead("To Nordwind Logistics: always uses TLS", "From Nordwind Logistics: rejected without TLS",
				"Enforced by our platform");
		isEnforcedInTheTenant(nordwind);
		refusesClearText(nordwind);
		mika.open("/partnership")
			.mustRead("Mail between us is always encrypted", "always uses TLS", "rejected without TLS",
					"Enforced by Contoso Bank");
		mika.letter(address, 0, "enforced");
		amina.letter(WholePortal.OWNER, 0, "enforced");

		Visitor jonas = whole.visitor();
		findsTheApproval(jonas, partner);
		List.of(mika, tomas, amina, jonas).forEach(Visitor::signOut);
		assertThat(amina.open(partner).path()).isEqualTo("/sign-in");
	}

	private static void asks(Visitor mika, Neighbourhood.Partner nordwind, String address) {
		mika.open("/request")
			.type("organisation", nordwind.name())
			.type("domain", nordwind.domain())
			.type("contactName", "Mika Brandt")
			.type("address", address)
			.type("reason", "We exchange payment files every day.")
			.askForCode(address)
			.press("Confirm")
			.mustRead("Your request is with us", "REQ-");
		assertThat(mika.hasCookie("PORTAL")).isFalse();
	}

	/** Returns where the partner's page is. */
	private static String accepts(Visitor tomas, Neighbourhood.Partner nordwind, String address) {
		tomas.signInAsStaff("Tomás Rey");
		assertThat(tomas.path()).isEqualTo("/overview");
		long before = tomas.newestLetter();
		tomas.open("/requests")
			.follow(nordwind.name())
			.type("ownerName", "Ines Albrecht")
			.type("ownerAddress", WholePortal.OWNER)
			.press("Accept and invite")
			.mustRead("is invited", "Ines Albrecht");
		String letter = tomas.letter(address, before, "invites").text();
		assertThat(letter).contains("Tomás Rey", whole.address + "/sign-in", "Ines Albrecht");
		return tomas.path();
	}

	private static void mayNotApprove(Visitor tomas, Neighbourhood.Partner nordwind) {
		tomas.open("/reviews").follow(nordwind.name()).mustRead("You shaped this last", "It may be: Amina Okafor.");
		assertThat(tomas.hasButton("Approve")).isFalse();
		tomas.forge("Ask for changes").mustRead("You shaped this last");
		assertThat(tomas.text()).doesNotContain("Approved. The connectors");
	}

	private static void isEnforcedInTheTenant(Neighbourhood.Partner nordwind) {
		List<Map<String, Object>> outbound = whole.neighbourhood.exchange().outbound();
		assertThat(outbound).singleElement()
			.satisfies((connector) -> assertThat(connector).containsEntry("Name", "To " + nordwind.domain())
				.containsEntry("Enabled", true)
				.containsEntry("IsValidated", true)
				.containsEntry("TlsSettings", "CertificateValidation")
				.containsEntry("UseMXRecord", true)
				.containsEntry("RecipientDomains", List.of(nordwind.domain())));
		assertThat(whole.neighbourhood.exchange().inbound()).singleElement()
			.satisfies((connector) -> assertThat(connector).containsEntry("Name", "From " + nordwind.domain())
				.containsEntry("Enabled", true)
				.containsEntry("RequireTls", true)
				.containsEntry("SenderDomains", List.of("smtp:" + nordwind.domain() + ";1")));
	}

	private static void refusesClearText(Neighbourhood.Partner nordwind) {
		String colleague = "ines.albrecht@" + Neighbourhood.OUR_DOMAIN;
		PartnerMailClient.Dialogue clear = whole.neighbourhood.sendTestMessage(nordwind, colleague, false);
		assertThat(clear.accepted()).isFalse();
		assertThat(clear.finalReply()).startsWith("451 5.7.3");
		assertThat(whole.neighbourhood.sendTestMessage(nordwind, colleague, true).accepted()).isTrue();
	}

	private static void findsTheApproval(Visitor jonas, String partner) {
		jonas.signInAsStaff("Jonas Lind");
		jonas.open(partner).follow("All events").choose("act", "attestation.approved").press("Search");
		jonas.mustRead("1 event", "attestation.approved", "Amina Okafor");
		jonas.choose("act", "attestation.approval-refused").press("Search");
		jonas.mustRead("1 event", "attestation.approval-refused", "Tomás Rey");
		assertThat(jonas.open("/partners/new").status()).isEqualTo(403);
		jonas.open("/history");
	}

	@Test
	void whoHasNoRoleHasNoAccess() {
		Visitor nadia = whole.visitor();
		nadia.signInAsStaff("Nadia Roth").mustRead("You have no access yet");
		assertThat(nadia.path()).isEqualTo("/no-access");
		assertThat(nadia.open("/partners").status()).isEqualTo(403);
		nadia.open("/no-access").signOut();
	}

	@Test
	void nobodyHasASessionBeforeTheySignIn() {
		Visitor stranger = whole.visitor();
		for (String path : List.of("/", "/programme", "/request", "/sign-in", "/overview", "/tasks", "/partners")) {
			stranger.open(path);
			assertThat(stranger.hasCookie("PORTAL")).as(path).isFalse();
		}
	}

}
