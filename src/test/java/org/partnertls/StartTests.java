package org.partnertls;

import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;

@PortalTest
class StartTests {

	@Autowired
	private MockMvcTester mvc;

	@Test
	void isHealthyOnceStarted() {
		assertThat(this.mvc.get().uri("/actuator/health/liveness")).hasStatusOk();
	}

}
