package org.partnertls.organization;

import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.github.kagkarlsson.scheduler.boot.config.DbSchedulerCustomizer;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Durable work runs on virtual threads: it mostly waits for other people's servers.
 */
@Configuration(proxyBeanMethods = false)
class Scheduling {

	@Bean
	DbSchedulerCustomizer schedulerCustomizer() {
		return new DbSchedulerCustomizer() {

			@Override
			public Optional<ExecutorService> executorService() {
				return Optional.of(Executors.newVirtualThreadPerTaskExecutor());
			}

		};
	}

}
