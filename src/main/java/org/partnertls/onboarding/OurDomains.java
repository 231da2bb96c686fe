package org.partnertls.onboarding;

import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.Partner;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Which of our mail domains a partner has to do with: their recipes name these and no
 * others.
 */
@Component
class OurDomains {

	private final JdbcClient jdbc;

	private final OrganizationProperties organization;

	private final AuditLog audit;

	private final Clock clock;

	OurDomains(JdbcClient jdbc, OrganizationProperties organization, AuditLog audit, Clock clock) {
		this.jdbc = jdbc;
		this.organization = organization;
		this.audit = audit;
		this.clock = clock;
	}

	/** All that there are. */
	List<DomainName> all() {
		return this.organization.mailDomains().stream().distinct().toList();
	}

	/** Those chosen for a partner, as far as they still are ours; otherwise all. */
	List<DomainName> of(UUID partnerId) {
		return this.jdbc.sql("select domains from our_domains where partner_id = ?")
			.param(partnerId)
			.query(String.class)
			.optional()
			.map(this::stillOurs)
			.orElseGet(this::all);
	}

	/** The same for every partner for whom somebody has chosen. */
	Map<UUID, List<DomainName>> chosen() {
		Map<UUID, List<DomainName>> chosen = new HashMap<>();
		this.jdbc.sql("select partner_id, domains from our_domains").query((row) -> {
			chosen.put(row.getObject(1, UUID.class), stillOurs(row.getString(2)));
		});
		return chosen;
	}

	private List<DomainName> stillOurs(String json) {
		List<String> chosen = Arrays.asList(JsonMapper.shared().readValue(json, String[].class));
		List<DomainName> domains = all().stream().filter((domain) -> chosen.contains(domain.ascii())).toList();
		return domains.isEmpty() ? all() : domains;
	}

	/**
	 * Chooses anew.
	 * @param chosen some of ours
	 */
	@Transactional
	public void choose(Partner partner, List<DomainName> chosen) {
		List<DomainName> before = of(partner.id());
		this.jdbc.sql("""
				insert into our_domains (partner_id, domains, chosen_at) values (:partner, :domains, :at)
				on conflict (partner_id) do update set domains = :domains, chosen_at = :at""")
			.param("partner", partner.id())
			.param("domains", JsonMapper.shared().writeValueAsString(chosen.stream().map(DomainName::ascii).toList()))
			.param("at", this.clock.instant().atOffset(ZoneOffset.UTC))
			.update();
		this.audit.append(Act.of("partner.our-domains-chosen")
			.on("partner", partner.id())
			.partner(partner.id(), partner.name())
			.change("our domains", words(before), words(chosen)));
	}

	private static String words(List<DomainName> domains) {
		return String.join(" ", domains.stream().map(DomainName::ascii).toList());
	}

}
