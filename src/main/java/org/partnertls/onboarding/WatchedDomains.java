package org.partnertls.onboarding;

import java.util.Set;
import java.util.stream.Collectors;

import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.partnertls.organization.DomainName;
import org.partnertls.partner.Partner;
import org.partnertls.partner.PartnerChanged;
import org.partnertls.partner.Partners;
import org.partnertls.tlscheck.Level;
import org.partnertls.tlscheck.TlsWatch;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Tells the checks which domains to watch: those that a living partner has proven, so
 * that nobody can have us look at a stranger's servers every day.
 */
@Component
class WatchedDomains {

	private final Partners partners;

	private final TlsWatch watch;

	WatchedDomains(Partners partners, TlsWatch watch) {
		this.partners = partners;
		this.watch = watch;
	}

	@EventListener
	void on(PartnerChanged event) {
		this.partners.find(event.partnerId()).ifPresent(this::tell);
	}

	private void tell(Partner partner) {
		Set<DomainName> domains = partner.state().isLiving() ? partner.domains()
			.stream()
			.filter((domain) -> domain.proof() != Partner.Proof.UNPROVEN)
			.map(Partner.Domain::name)
			.collect(Collectors.toSet()) : Set.of();
		this.watch.watch(partner.id(), partner.name(), domains);
	}

	/** The connectors were approved with the servers as they are now. */
	void approved(Partner partner, Attestation attestation) {
		tell(partner);
		partner.domains()
			.forEach((domain) -> this.watch.approve(domain.name(), Level.valueOf(attestation.level().name()),
					attestation.tlsDomain()));
	}

	@Configuration(proxyBeanMethods = false)
	static class Job {

		// Once a day for all, so that nothing depends on every event having been heard.
		@Bean
		RecurringTask<Void> watchedDomainsTask(WatchedDomains watched) {
			return Tasks.recurring("watched-domains", FixedDelay.ofHours(24))
				.defaultPriority(5)
				.execute((instance, context) -> watched.partners.all().forEach(watched::tell));
		}

	}

}
