package org.partnertls.web;

import org.junit.jupiter.api.Test;
import org.partnertls.PortalTest;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import jakarta.servlet.http.Cookie;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Everybody reads pages in their language.
 */
@PortalTest
class PageLanguagesTests {

	@Autowired
	private MockMvcTester mvc;

	@Test
	void aVisitorReadsTheLanguageThatTheBrowserAsksFor() {
		assertThat(this.mvc.get().uri("/sign-in").header("Accept-Language", "fr, de-AT;q=0.8, en;q=0.5")).bodyText()
			.contains("<html lang=\"de-DE\"", "<h1>Anmelden</h1>")
			.doesNotContain("<h1>Sign in</h1>");
		assertThat(this.mvc.get().uri("/sign-in").header("Accept-Language", "fr")).bodyText()
			.contains("<html lang=\"en-GB\"", "<h1>Sign in</h1>");
		assertThat(this.mvc.get().uri("/sign-in")).bodyText().contains("<html lang=\"en-GB\"", "<h1>Sign in</h1>");
	}

	@Test
	void aChoiceCountsMoreThanTheBrowser() {
		assertThat(this.mvc.get().uri("/sign-in").header("Accept-Language", "en").cookie(new Cookie("language", "de")))
			.bodyText()
			.contains("<h1>Anmelden</h1>");
	}

}
