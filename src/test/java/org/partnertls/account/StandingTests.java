package org.partnertls.account;

import java.time.Duration;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.partnertls.PortalTest;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;

@PortalTest
class StandingTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApplicationContext context;

	@Autowired
	private Directory directory;

	@Test
	void endsASignInAfterEightHours() {
		People.Person admin = People.of(this.context).admin();

		assertThat(this.mvc.get().uri("/jobs").with(admin.signedInSince(Duration.ofHours(8).minusMinutes(1))))
			.hasStatusOk();
		assertThat(this.mvc.get().uri("/jobs").with(admin.signedInSince(Duration.ofHours(8).plusMinutes(1))))
			.hasRedirectedUrl("/sign-in");
	}

	@Test
	void endsAPartnersAccessAtTheirNextRequest() {
		UUID partner = UUID.randomUUID();
		People.Person person = People.of(this.context).partner(partner);
		assertThat(this.mvc.get().uri("/no-access").with(person.signedIn())).hasStatusOk();

		this.directory.endAccess(partner);

		assertThat(this.mvc.get().uri("/no-access").with(person.signedIn())).hasRedirectedUrl("/sign-in");
	}

	@Test
	void tellsStaffWithoutARoleSo() {
		People.Person nobody = People.of(this.context).staff("Nadia Roth");

		assertThat(this.mvc.get().uri("/").with(nobody.signedIn())).hasRedirectedUrl("/no-access");
		assertThat(this.mvc.get().uri("/jobs").with(nobody.signedIn())).hasStatus(403);
	}

	@Test
	void saysSoWhenTheIdentityProviderIsDown() {
		assertThat(this.mvc.get().uri("/sign-in/staff")).hasStatus(503);
	}

}
