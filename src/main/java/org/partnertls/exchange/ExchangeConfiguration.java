package org.partnertls.exchange;

import java.time.Clock;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class ExchangeConfiguration {

	@Bean
	ExchangeOnline exchangeOnline(ExchangeProperties properties, Clock clock) {
		return new ExchangeOnline(properties, clock);
	}

}
