package org.partnertls.onboarding;

import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.dns.Dns;
import org.partnertls.dns.DnsAnswer;
import org.partnertls.dns.MxHost;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.tlscheck.Report;
import org.partnertls.tlscheck.TlsCheck;
import org.partnertls.tlscheck.TlsChecks;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Our own names in the DNS and in certificates, against those that recipes give to
 * partners: a partner who pinned the old ones stops mail when we change.
 */
@Component
class OurNames {

	/** Where mail to a tenant of Exchange Online arrives, in all clouds. */
	private static final List<String> EXCHANGE_ONLINE = List.of(".mail.protection.outlook.com", ".mx.microsoft",
			".mail.protection.office365.us", ".mail.protection.partner.outlook.cn");

	private final OrganizationProperties organization;

	private final OurDomains ourDomains;

	private final Dns dns;

	private final TlsChecks checks;

	private final Partners partners;

	private final JdbcClient jdbc;

	private final Clock clock;

	OurNames(OrganizationProperties organization, OurDomains ourDomains, Dns dns, TlsChecks checks, Partners partners,
			JdbcClient jdbc, Clock clock) {
		this.organization = organization;
		this.ourDomains = ourDomains;
		this.dns = dns;
		this.checks = checks;
		this.partners = partners;
		this.jdbc = jdbc;
		this.clock = clock;
	}

	/**
	 * What partners are told of us.
	 *
	 * @param domains our mail domains
	 * @param mxNames host names behind our MX records; a leading dot stands for a family
	 * @param sendingNames names in the certificates that we send with
	 */
	record Told(List<String> domains, List<String> mxNames, List<String> sendingNames) {
	}

	Told today() {
		return told(this.ourDomains.all());
	}

	private Told today(UUID partnerId) {
		return told(this.ourDomains.of(partnerId));
	}

	private Told told(List<DomainName> domains) {
		return new Told(domains.stream().map(DomainName::ascii).sorted().toList(), lower(this.organization.mxNames()),
				lower(this.organization.sendingNames()));
	}

	private static List<String> lower(List<String> names) {
		return names.stream().map((name) -> name.toLowerCase(Locale.ROOT)).sorted().distinct().toList();
	}

	/** A partner confirms a setup for the names of today; in their transaction. */
	void confirmed(UUID partnerId) {
		this.jdbc.sql("""
				insert into names_told (partner_id, told_at, names) values (:partner, :at, :names)
				on conflict (partner_id) do update set told_at = :at, names = :names""")
			.param("partner", partnerId)
			.param("at", this.clock.instant().atOffset(ZoneOffset.UTC))
			.param("names", JsonMapper.shared().writeValueAsString(today(partnerId)))
			.update();
	}

	/**
	 * A partner who knows us by other names than those of today.
	 *
	 * @param changes what is different, as sentences
	 */
	record ToTell(UUID partnerId, String name, String owner, Instant since, List<String> changes) {
	}

	/** Who must be told, by name. */
	List<ToTell> toTell() {
		List<ToTell> list = new ArrayList<>();
		this.jdbc.sql("select partner_id, told_at, names from names_told").query((row, number) -> {
			Told told = JsonMapper.shared().readValue(row.getString(3), Told.class);
			UUID id = row.getObject(1, UUID.class);
			List<String> changes = changes(told, today(id));
			if (!changes.isEmpty()) {
				Instant at = row.getObject(2, OffsetDateTime.class).toInstant();
				this.partners.find(id)
					.filter((partner) -> partner.state().isLiving())
					.ifPresent((partner) -> list.add(new ToTell(id, partner.name(), partner.ownerName(), at, changes)));
			}
			return number;
		}).list();
		list.sort(java.util.Comparator.comparing(ToTell::name));
		return list;
	}

	/**
	 * Living partners whose recipes leave one of our domains out, since others were
	 * chosen for them, by the domain's name as it is shown.
	 */
	Map<String, List<Partner>> leftOut() {
		List<DomainName> all = this.ourDomains.all();
		Map<String, List<Partner>> leftOut = new HashMap<>();
		this.ourDomains.chosen().forEach((id, chosen) -> {
			List<DomainName> left = all.stream().filter((domain) -> !chosen.contains(domain)).toList();
			if (!left.isEmpty()) {
				this.partners.find(id)
					.filter((partner) -> partner.state().isLiving())
					.ifPresent((partner) -> left
						.forEach((domain) -> leftOut.computeIfAbsent(domain.display(), (name) -> new ArrayList<>())
							.add(partner)));
			}
		});
		leftOut.values().forEach((partners) -> partners.sort(java.util.Comparator.comparing(Partner::name)));
		return leftOut;
	}

	static List<String> changes(Told told, Told now) {
		List<String> changes = new ArrayList<>();
		change("Our mail domains", told.domains(), now.domains(), changes);
		change("Names of our mail servers", told.mxNames(), now.mxNames(), changes);
		change("Names in our sending certificates", told.sendingNames(), now.sendingNames(), changes);
		return changes;
	}

	private static void change(String what, List<String> before, List<String> after, List<String> changes) {
		List<String> added = after.stream().filter((name) -> !before.contains(name)).toList();
		List<String> gone = before.stream().filter((name) -> !after.contains(name)).toList();
		if (!added.isEmpty()) {
			changes.add(what + ": new is " + String.join(", ", added) + ".");
		}
		if (!gone.isEmpty()) {
			changes.add(what + ": no longer " + String.join(", ", gone) + ".");
		}
	}

	/**
	 * One of our domains in the DNS.
	 *
	 * @param hosts its MX hosts, as far as they are known
	 * @param obstacle why mail to it does not come to Exchange Online first; null: it
	 * does
	 * @param untold why partners who follow our recipes could not send to it; null: they
	 * can
	 */
	record Domain(String name, List<String> hosts, @Nullable String obstacle, @Nullable String untold) {
	}

	/** Looks all our domains up. Uses the network: call it with no transaction open. */
	List<Domain> look() {
		return this.organization.mailDomains().stream().map(this::look).toList();
	}

	private Domain look(DomainName domain) {
		return switch (this.dns.mx(domain)) {
			case DnsAnswer.NoAnswer<MxHost> none -> new Domain(domain.display(), List.of(),
					"the MX record of " + domain.display() + " could not be looked up: " + none.why() + ".", null);
			case DnsAnswer.None<MxHost> none -> new Domain(domain.display(), List.of(),
					domain.display() + " has no MX record, so that mail to it does not come to Exchange Online.", null);
			case DnsAnswer.Found<MxHost> found -> {
				List<String> hosts = found.records().stream().sorted().map(MxHost::host).toList();
				yield new Domain(domain.display(), hosts, obstacle(domain, hosts), untold(domain, hosts));
			}
		};
	}

	static @Nullable String obstacle(DomainName domain, List<String> hosts) {
		List<String> elsewhere = hosts.stream().filter((host) -> !fits(host, EXCHANGE_ONLINE)).toList();
		return elsewhere.isEmpty() ? null
				: "mail to " + domain.display() + " arrives at " + String.join(", ", elsewhere)
						+ " first, and what that host takes without TLS our connector never sees.";
	}

	private @Nullable String untold(DomainName domain, List<String> hosts) {
		List<String> pinned = lower(this.organization.mxNames());
		List<String> strange = new ArrayList<>(hosts.stream().filter((host) -> !fits(host, pinned)).toList());
		this.checks.latestFinished(domain)
			.map(TlsCheck::report)
			.ifPresent((report) -> certificateNames(report)
				.filter((names) -> names.stream().noneMatch((name) -> fits(name.replaceFirst("^\\*", ""), pinned)))
				.forEach((names) -> strange
					.add("a certificate for " + String.join(", ", names.stream().limit(3).toList()))));
		return strange.isEmpty() ? null
				: "Recipes pin " + String.join(", ", pinned) + ", but " + domain.display() + " has "
						+ String.join(", ", strange)
						+ ". Correct portal.organization.mx-names, then tell the partners below.";
	}

	private static java.util.stream.Stream<List<String>> certificateNames(Report report) {
		return report.hosts()
			.stream()
			.flatMap((host) -> host.addresses().stream())
			.map(Report.AddressReport::chain)
			.filter(Objects::nonNull)
			.map((chain) -> chain.leaf().dnsNames())
			.filter((names) -> !names.isEmpty());
	}

	private static boolean fits(String host, List<String> names) {
		return names.stream()
			.anyMatch((name) -> host.equals(name)
					|| (name.startsWith(".") && (host.endsWith(name) || host.equals(name.substring(1)))));
	}

	/** Asks for a look at the certificates of our own mail servers. */
	void askForChecks() {
		this.organization.mailDomains().forEach((domain) -> this.checks.ask(domain, "our-names"));
	}

	/** A partner's servers, from the last TLS check of each of its domains. */
	org.partnertls.connector.Paths.Hosts hostsOf(Partner partner) {
		List<String> addresses = new ArrayList<>();
		List<String> names = new ArrayList<>();
		for (Partner.Domain domain : partner.domains()) {
			this.checks.latestFinished(domain.name()).map(TlsCheck::report).ifPresent((report) -> {
				report.hosts()
					.stream()
					.flatMap((host) -> host.addresses().stream())
					.map(Report.AddressReport::address)
					.filter((address) -> address.indexOf(':') < 0)
					.forEach(addresses::add);
				certificateNames(report).flatMap(List::stream)
					.map((name) -> name.toLowerCase(Locale.ROOT))
					.forEach(names::add);
			});
		}
		return new org.partnertls.connector.Paths.Hosts(addresses.stream().distinct().toList(),
				names.stream().distinct().toList());
	}

}
