package org.partnertls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.github.kagkarlsson.scheduler.boot.config.DbSchedulerStarter;
import com.github.kagkarlsson.scheduler.task.Task;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import javax.sql.DataSource;
import lab.WebhookReceiver;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.MapPropertySource;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestExecutionListener;
import org.springframework.test.context.TestExecutionListeners;

/**
 * A test of the whole portal on a PostgreSQL of its own, with a mail server that keeps
 * what is sent. All such tests share one context. They never clean up: each makes its own
 * partner with {@link Fixtures}. The scheduler does not run by itself; {@link Jobs} runs
 * what is due, by {@link TestClock}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Execution(ExecutionMode.SAME_THREAD)
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@AutoConfigureMockMvc
@ContextConfiguration(classes = { PortalApplication.class, PortalTest.Neighbours.class },
		initializers = PortalTest.Settings.class)
@TestExecutionListeners(listeners = PortalTest.Beginning.class,
		mergeMode = TestExecutionListeners.MergeMode.MERGE_WITH_DEFAULTS)
public @interface PortalTest {

	/** Where the portal's neighbours are. */
	class Settings implements ApplicationContextInitializer<ConfigurableApplicationContext> {

		@Override
		public void initialize(ConfigurableApplicationContext context) {
			GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
			mail.start();
			context.getBeanFactory().registerSingleton("greenMail", mail);
			Map<String, Object> settings = new HashMap<>(PartnerSide.start(context.getBeanFactory()));
			settings.put("spring.datasource.url", TestDatabase.create());
			settings.put("spring.datasource.username", "portal_app");
			settings.put("spring.datasource.password", "test");
			settings.put("spring.datasource.hikari.maximum-pool-size", "4");
			settings.put("spring.mail.host", "127.0.0.1");
			settings.put("spring.mail.port", mail.getSmtp().getPort());
			// GreenMail answers EHLO in several small packets, which costs 40 ms each
			// time.
			settings.put("spring.mail.properties.mail.smtp.ehlo", "false");
			settings.put("portal.organization.base-url", "http://localhost");
			settings.put("portal.organization.name", "Contoso Bank");
			settings.put("portal.organization.mail-domains", "contoso.example");
			settings.put("portal.organization.support-address", "mail-security@contoso.example");
			settings.put("portal.organization.support-phone", "+44 20 7946 0000");
			settings.put("portal.organization.zone", "Europe/Berlin");
			settings.put("portal.mail.from", "tls-portal@contoso.example");
			settings.put("portal.mail.administrators", "administrators@contoso.example");
			settings.put("portal.mail.compliance", "compliance@contoso.example");
			settings.put("portal.mail.digest-hour", "0");
			settings.put("portal.alarm.escalation-addresses", "duty@contoso.example");
			settings.putAll(webhooks(context).portalSettings());
			settings.put("portal.audit.seal-shift", "0s");
			settings.put("portal.audit.signing-key", """
					-----BEGIN PRIVATE KEY-----
					MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
					-----END PRIVATE KEY-----""");
			settings.put("portal.account.issuer", "http://127.0.0.1:9/none");
			settings.put("portal.account.client-id", "portal");
			settings.put("portal.account.client-secret", "secret");
			settings.put("portal.account.codes-per-source", "100000");
			// The test's clock runs ahead of the database's.
			settings.put("portal.tls-check.rounds.clock-tolerance", "36500d");
			context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("neighbours", settings));
		}

		/**
		 * Who is told of alarms; the clock of the test is not there yet when they start.
		 */
		private static WebhookReceiver webhooks(ConfigurableApplicationContext context) {
			try {
				WebhookReceiver receiver = WebhookReceiver.start(0, "secret",
						() -> context.getBean(TestClock.class).instant());
				context.getBeanFactory().registerSingleton("webhookReceiver", receiver);
				return receiver;
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

	/** Each class begins with nothing to be done. */
	class Beginning implements TestExecutionListener {

		@Override
		public void beforeTestClass(TestContext test) {
			test.getApplicationContext().getBean(Jobs.class).forget();
		}

	}

	/** What tests put in the place of time and of the scheduler's own threads. */
	@TestConfiguration(proxyBeanMethods = false)
	class Neighbours {

		@Bean
		@Primary
		TestClock testClock() {
			return new TestClock();
		}

		@Bean
		DbSchedulerStarter dbSchedulerStarter() {
			return () -> {
			};
		}

		@Bean
		Jobs jobs(DataSource dataSource, List<Task<?>> tasks, TestClock clock) {
			return new Jobs(dataSource, tasks, clock);
		}

		@Bean
		Fixtures fixtures(ConfigurableApplicationContext context) {
			return new Fixtures(context);
		}

	}

}
