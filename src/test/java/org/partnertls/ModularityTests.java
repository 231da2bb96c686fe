package org.partnertls;

import org.junit.jupiter.api.Test;

import org.springframework.modulith.core.ApplicationModules;

class ModularityTests {

	@Test
	void modulesUseOnlyWhatTheyMayUse() {
		ApplicationModules.of(PortalApplication.class).verify();
	}

}
