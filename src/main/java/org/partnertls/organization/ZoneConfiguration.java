package org.partnertls.organization;

import java.time.ZoneId;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Offers the organisation's time zone to whoever shows or reads dates.
 */
@Configuration(proxyBeanMethods = false)
class ZoneConfiguration {

	@Bean
	ZoneId zone(OrganizationProperties organization) {
		return organization.zone();
	}

}
