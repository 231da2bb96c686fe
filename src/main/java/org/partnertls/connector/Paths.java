package org.partnertls.connector;

import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.exchange.BlockedConnector;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.exchange.Failure;
import org.partnertls.exchange.MailFlowRule;
import org.partnertls.exchange.Reply;
import org.partnertls.exchange.ServingConnector;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Whether mail with a partner really takes our connectors: mail-flow rules, hybrid
 * routes, connectors for all domains and those that are found by address or certificate
 * go before or beside them.
 */
@Component
public class Paths {

	/** Domains of one partner that Exchange Online is asked about: each is a call. */
	private static final int MOST_DOMAINS = 20;

	/** Partners looked at together. */
	private static final int MOST_AT_ONCE = 500;

	/** So few that Exchange Online may be asked about each of their domains at once. */
	private static final int FEW = 5;

	private static final Duration PAUSE = Duration.ofMinutes(5);

	private static final String NOT_CHECKED = "What stands here is from before, since it could not be checked anew: ";

	private static final String ASKED = " where tenant_id = :tenant and partner_id in (:partners) and due_at <= :before";

	private final ExchangeOnline exchange;

	private final TenantNow tenantNow;

	private final OwnConnectors connectors;

	private final JdbcClient jdbc;

	private final AuditLog audit;

	private final ApplicationEventPublisher events;

	private final TransactionTemplate transaction;

	private final Clock clock;

	Paths(ExchangeOnline exchange, TenantNow tenantNow, OwnConnectors connectors, JdbcClient jdbc, AuditLog audit,
			ApplicationEventPublisher events, TransactionTemplate transaction, Clock clock) {
		this.exchange = exchange;
		this.tenantNow = tenantNow;
		this.connectors = connectors;
		this.jdbc = jdbc;
		this.audit = audit;
		this.events = events;
		this.transaction = transaction;
		this.clock = clock;
	}

	/**
	 * A partner's servers as far as they are known.
	 *
	 * @param addresses IPv4 addresses
	 * @param names names in their certificates, in lower case
	 */
	public record Hosts(Collection<String> addresses, Collection<String> names) {

		public static final Hosts UNKNOWN = new Hosts(List.of(), List.of());

		public Hosts {
			addresses = List.copyOf(addresses);
			names = List.copyOf(names);
		}

	}

	/**
	 * What a check of one direction came to.
	 *
	 * @param obstacles why the direction cannot be enforced here, as sentences; none: it
	 * can
	 * @param notes what else was seen
	 * @param at when
	 */
	public record Path(List<String> obstacles, List<String> notes, Instant at) {

		public Path {
			obstacles = List.copyOf(obstacles);
			notes = List.copyOf(notes);
		}

	}

	/** A partner's paths are to be looked at soon; in the caller's transaction. */
	public void ask(UUID partnerId) {
		this.jdbc.sql("""
				insert into mail_path_asked (tenant_id, partner_id, due_at) values (:tenant, :partner, :now)
				on conflict (tenant_id, partner_id) do update set due_at = :now""")
			.param("tenant", this.exchange.tenantId())
			.param("partner", partnerId)
			.param("now", now())
			.update();
	}

	/** Those asked for that are due. */
	public List<UUID> asked() {
		return this.jdbc.sql("""
				select partner_id from mail_path_asked where tenant_id = :tenant and due_at <= :now
				order by due_at, partner_id limit :most""")
			.param("tenant", this.exchange.tenantId())
			.param("now", now())
			.param("most", MOST_AT_ONCE)
			.query((row, number) -> row.getObject(1, UUID.class))
			.list();
	}

	/**
	 * The partners with connectors, those first for whom Exchange Online was asked
	 * longest ago.
	 */
	public List<UUID> oldest() {
		return this.jdbc.sql("""
				select c.partner_id from connector c
				left join mail_path p on p.partner_id = c.partner_id and p.tenant_id = c.tenant_id
				where c.tenant_id = :tenant
				group by c.partner_id order by coalesce(min(p.served_at), '-infinity'), c.partner_id limit :most""")
			.param("tenant", this.exchange.tenantId())
			.param("most", MOST_AT_ONCE)
			.query((row, number) -> row.getObject(1, UUID.class))
			.list();
	}

	/** What is known of a partner's paths, by direction. */
	public Map<Direction, Path> of(UUID partnerId) {
		Map<Direction, Path> paths = new EnumMap<>(Direction.class);
		this.jdbc.sql("""
				select direction, obstacles, notes, checked_at from mail_path
				where tenant_id = :tenant and partner_id = :partner""")
			.param("tenant", this.exchange.tenantId())
			.param("partner", partnerId)
			.query((row, number) -> paths.put(Direction.valueOf(row.getString(1)),
					new Path(texts(row.getString(2)), texts(row.getString(3)),
							row.getObject(4, OffsetDateTime.class).toInstant())))
			.list();
		return paths;
	}

	static List<String> texts(String json) {
		return Arrays.asList(Json.read(json, String[].class));
	}

	/**
	 * Looks at those who were asked for: one listing serves all of them. Takes seconds
	 * and uses the network: call it with no transaction open.
	 * @param hosts each partner's servers
	 * @param atOurMx why mail to us does not come to Exchange Online first; none: it does
	 * @return why nothing could be checked, as a sentence; empty: it was
	 */
	public Optional<String> checkAsked(Map<UUID, Hosts> hosts, List<String> atOurMx) {
		OffsetDateTime before = now();
		Optional<String> why = check(hosts, atOurMx, hosts.size() <= FEW);
		this.transaction.executeWithoutResult((status) -> this.jdbc
			.sql(why.isPresent() ? "update mail_path_asked set due_at = :later" + ASKED
					: "delete from mail_path_asked" + ASKED)
			.param("later", this.clock.instant().plus(PAUSE).atOffset(ZoneOffset.UTC))
			.param("tenant", this.exchange.tenantId())
			.param("partners", hosts.keySet())
			.param("before", before)
			.update());
		return why;
	}

	/**
	 * The same for anybody, with the question to Exchange Online which connector it uses.
	 */
	public Optional<String> check(Map<UUID, Hosts> hosts, List<String> atOurMx) {
		return check(hosts, atOurMx, true);
	}

	private Optional<String> check(Map<UUID, Hosts> hosts, List<String> atOurMx, boolean thoroughly) {
		return switch (facts(atOurMx)) {
			case Reply.Failed<Facts> failed -> {
				String why = Ledger.words(failed.failure());
				notChecked(hosts.keySet(), why);
				yield Optional.of(why);
			}
			case Reply.Done<Facts> done -> {
				hosts.forEach((partner, servers) -> check(partner, servers, done.value(), thoroughly));
				yield Optional.empty();
			}
		};
	}

	/** What was known stays, and says so. */
	private void notChecked(Set<UUID> partners, String why) {
		this.transaction.executeWithoutResult((status) -> this.jdbc.sql("""
				update mail_path set notes = ((
					select coalesce(jsonb_agg(note), '[]') from jsonb_array_elements(notes::jsonb) note
					where not starts_with(note #>> '{}', :words)) || to_jsonb(:words || :why))::text
				where tenant_id = :tenant and partner_id in (:partners)""")
			.param("words", NOT_CHECKED)
			.param("why", why)
			.param("tenant", this.exchange.tenantId())
			.param("partners", partners)
			.update());
	}

	/**
	 * What holds for all partners.
	 *
	 * @param rules null: we may not read them
	 * @param blocked null: we may not read them
	 */
	record Facts(Tenant tenant, @Nullable List<MailFlowRule> rules, @Nullable Set<String> blocked,
			List<String> atOurMx) {
	}

	private Reply<Facts> facts(List<String> atOurMx) {
		Tenant tenant;
		org.partnertls.exchange.Call call;
		switch (this.tenantNow.list()) {
			case Reply.Failed<Tenant> failed -> {
				return new Reply.Failed<>(failed.failure(), failed.call());
			}
			case Reply.Done<Tenant> done -> {
				tenant = done.value();
				call = done.call();
			}
		}
		List<MailFlowRule> rules = null;
		Set<String> blocked = null;
		if (this.exchange.configured()) {
			switch (this.exchange.mailFlowRules()) {
				case Reply.Done<List<MailFlowRule>> done -> rules = done.value();
				case Reply.Failed<List<MailFlowRule>> failed -> {
					if (!isForGood(failed.failure())) {
						return new Reply.Failed<>(failed.failure(), failed.call());
					}
				}
			}
			switch (this.exchange.blockedConnectors()) {
				case Reply.Done<List<BlockedConnector>> done ->
					blocked = done.value().stream().map(BlockedConnector::connectorId).collect(Collectors.toSet());
				case Reply.Failed<List<BlockedConnector>> failed -> {
					if (!isForGood(failed.failure())) {
						return new Reply.Failed<>(failed.failure(), failed.call());
					}
				}
			}
		}
		return new Reply.Done<>(new Facts(tenant, rules, blocked, atOurMx), call);
	}

	/**
	 * Whoever may not ask will not learn it later either: it is said, and the rest
	 * counts. Any other failure says nothing about what is there.
	 */
	private static boolean isForGood(Failure failure) {
		return failure.kind() == Failure.Kind.PERMISSION;
	}

	private void check(UUID partner, Hosts hosts, Facts facts, boolean thoroughly) {
		List<OwnConnector> own = this.connectors.findByPartnerIdAndTenantId(partner, this.exchange.tenantId());
		for (OwnConnector connector : own) {
			Optional<Tenant.Seen> seen = facts.tenant().byGuid(connector.direction(), connector.guid());
			if (seen.isEmpty()) {
				// Drift tells of it.
				continue;
			}
			if (connector.direction() == Direction.INBOUND) {
				keep(connector, inbound(seen.get(), hosts, facts), null, thoroughly);
				continue;
			}
			if (!thoroughly) {
				Map<String, List<String>> served = lastServed(partner);
				keep(connector, outbound(seen.get(), facts, served), served, false);
				continue;
			}
			Answers answers = ask(partner, seen.get());
			Path path = outbound(seen.get(), facts, answers.served());
			List<String> notes = new ArrayList<>(path.notes());
			notes.addAll(answers.notes());
			keep(connector, new Path(path.obstacles(), notes, path.at()), answers.served(), answers.complete());
		}
	}

	/**
	 * Which connectors Exchange Online says that it uses.
	 *
	 * @param served by domain
	 * @param notes what it did not say
	 * @param complete whether asking again soon would tell no more
	 */
	private record Answers(Map<String, List<String>> served, List<String> notes, boolean complete) {
	}

	private Answers ask(UUID partner, Tenant.Seen ours) {
		Map<String, List<String>> served = new TreeMap<>();
		Set<String> notes = new LinkedHashSet<>();
		boolean complete = true;
		if (this.exchange.configured() && ours.isEnabled()) {
			Map<String, List<String>> last = lastServed(partner);
			List<String> domains = plain(ours.form().texts(Form.RECIPIENT_DOMAINS));
			for (String domain : domains.stream().limit(MOST_DOMAINS).toList()) {
				switch (this.exchange.servingConnectors(domain)) {
					case Reply.Done<List<ServingConnector>> done ->
						served.put(domain, done.value().stream().map(ServingConnector::name).toList());
					case Reply.Failed<List<ServingConnector>> failed -> {
						if (isForGood(failed.failure())) {
							notes.add("We may not ask Exchange Online which connector it uses.");
							continue;
						}
						complete = false;
						notes.add("Which connector serves " + domain + " could not be checked: "
								+ Ledger.words(failed.failure()));
						Optional.ofNullable(last.get(domain)).ifPresent((known) -> served.put(domain, known));
					}
				}
			}
			if (domains.size() > MOST_DOMAINS) {
				notes.add("Exchange Online was asked about " + MOST_DOMAINS + " domains, and not about "
						+ String.join(", ", domains.subList(MOST_DOMAINS, domains.size())) + ".");
			}
		}
		return new Answers(served, List.copyOf(notes), complete);
	}

	/** What it said when it was last asked. */
	private Map<String, List<String>> lastServed(UUID partner) {
		Map<String, List<String>> served = new TreeMap<>();
		this.jdbc.sql("""
				select served from mail_path
				where tenant_id = :tenant and partner_id = :partner and direction = 'OUTBOUND'""")
			.param("tenant", this.exchange.tenantId())
			.param("partner", partner)
			.query(String.class)
			.optional()
			.ifPresent((json) -> {
				for (Served one : Json.read(json, Served[].class)) {
					served.put(one.domain(), one.connectors());
				}
			});
		return served;
	}

	Path outbound(Tenant.Seen ours, Facts facts, Map<String, List<String>> served) {
		List<String> obstacles = new ArrayList<>();
		List<String> notes = new ArrayList<>();
		List<String> domains = ours.form().texts(Form.RECIPIENT_DOMAINS);
		rules(ours, facts, domains, obstacles, notes);
		for (Tenant.Seen other : facts.tenant().of(Direction.OUTBOUND)) {
			if (other.guid().equalsIgnoreCase(ours.guid()) || !other.isEnabled()
					|| other.form().is("IsTransportRuleScoped") || other.form().is("TestMode")) {
				continue;
			}
			if (other.form().is("RouteAllMessagesViaOnPremises")) {
				obstacles.add("the hybrid connector \"" + other.name()
						+ "\" routes all messages through our own servers first.");
			}
			List<String> theirs = other.form().texts(Form.RECIPIENT_DOMAINS);
			domains.stream()
				.filter(theirs::contains)
				.findFirst()
				.ifPresent((domain) -> obstacles.add("the connector \"" + other.name() + "\" is for " + domain
						+ " too, and which of the two Exchange Online uses is not defined."));
			if (theirs.contains("*") && domains.stream().noneMatch((domain) -> domain.startsWith("*."))) {
				notes.add("The connector \"" + other.name() + "\" (for all domains) takes mail to sub-domains of "
						+ String.join(", ", domains) + ".");
			}
		}
		if (ours.form().is("TestMode")) {
			obstacles.add("our connector is in test mode.");
		}
		served.forEach((domain, names) -> {
			if (names.isEmpty()) {
				obstacles.add("Exchange Online says that no connector serves " + domain + ".");
			}
			else if (names.stream().allMatch((name) -> name.equalsIgnoreCase(ours.name()))) {
				notes.add("Exchange Online says that our connector serves " + domain + ".");
			}
			else {
				obstacles
					.add("Exchange Online says that \"" + String.join("\", \"", names) + "\" serves " + domain + ".");
			}
		});
		return new Path(obstacles, notes, this.clock.instant());
	}

	private static void rules(Tenant.Seen ours, Facts facts, List<String> domains, List<String> obstacles,
			List<String> notes) {
		if (facts.rules() == null) {
			notes.add("Mail-flow rules could not be read; one of them may route mail elsewhere.");
			return;
		}
		for (MailFlowRule rule : facts.rules()) {
			boolean elsewhere = !ours.name().equalsIgnoreCase(rule.connector())
					&& !ours.guid().equalsIgnoreCase(rule.connector());
			boolean theirs = rule.recipientDomains().isEmpty()
					|| rule.recipientDomains().stream().anyMatch((domain) -> covered(domains, domain));
			if (rule.reroutes() && elsewhere && theirs) {
				obstacles.add("the mail-flow rule \"" + rule.name() + "\" sends mail to the connector \""
						+ rule.connector() + "\" instead.");
			}
		}
	}

	private static boolean covered(List<String> patterns, String domain) {
		return patterns.stream()
			.anyMatch((pattern) -> pattern.equals(domain)
					|| (pattern.startsWith("*.") && domain.endsWith(pattern.substring(1)))
					// A rule's domain stands for those below it too.
					|| pattern.endsWith("." + domain));
	}

	Path inbound(Tenant.Seen ours, Hosts hosts, Facts facts) {
		List<String> obstacles = new ArrayList<>(facts.atOurMx());
		List<String> notes = new ArrayList<>();
		List<String> domains = ours.form().texts(Form.SENDER_DOMAINS);
		if (facts.blocked() == null) {
			notes.add("Blocked connectors could not be read; ours may be one of them.");
		}
		else if (facts.blocked().contains(ours.guid().toLowerCase(Locale.ROOT))) {
			obstacles.add("Microsoft has blocked our connector as compromised.");
		}
		for (Tenant.Seen other : facts.tenant().of(Direction.INBOUND)) {
			if (other.guid().equalsIgnoreCase(ours.guid()) || !other.isEnabled()) {
				continue;
			}
			covering(other, hosts).ifPresent((how) -> obstacles.add("the connector \"" + other.name()
					+ "\" is found first: it is for " + how + ", which the partner sends from."));
			List<String> theirs = other.form().texts(Form.SENDER_DOMAINS);
			domains.stream()
				.filter(theirs::contains)
				.findFirst()
				.ifPresent((domain) -> obstacles.add("the connector \"" + other.name() + "\" is for " + domain
						+ " too, and which of the two Exchange Online uses is not defined."));
			if (theirs.contains("*")) {
				notes.add("The connector \"" + other.name() + "\" is for all sender domains.");
			}
		}
		if (!ours.form().is(Form.BY_CERTIFICATE) && !ours.form().is(Form.BY_ADDRESS)) {
			notes.add("It encrypts and does not authenticate: others who use TLS can send in the partner's name.");
		}
		return new Path(obstacles, notes, this.clock.instant());
	}

	/** What of the partner's servers a connector is found by. */
	private static Optional<String> covering(Tenant.Seen other, Hosts hosts) {
		return Overlaps.foundBy(other, hosts.addresses(),
				(name) -> hosts.names().stream().anyMatch((held) -> Overlaps.isFor(name, held)));
	}

	private static List<String> plain(List<String> patterns) {
		return patterns.stream().filter((pattern) -> !pattern.startsWith("*")).toList();
	}

	private void keep(OwnConnector connector, Path path, @Nullable Map<String, List<String>> served,
			boolean thoroughly) {
		this.transaction.executeWithoutResult((status) -> {
			// What was seen before the connector enforced anything says nothing now.
			Optional<List<String>> before = this.jdbc.sql("""
					select p.obstacles from mail_path p
					join connector c on c.tenant_id = p.tenant_id and c.partner_id = p.partner_id
						and c.direction = p.direction
					where p.tenant_id = :tenant and p.partner_id = :partner and p.direction = :direction
					and p.checked_at >= coalesce(c.enforced_since, '-infinity')""")
				.param("tenant", this.exchange.tenantId())
				.param("partner", connector.partnerId())
				.param("direction", connector.direction().name())
				.query(String.class)
				.optional()
				.map(Paths::texts);
			this.jdbc
				.sql("""
						insert into mail_path (tenant_id, partner_id, direction, checked_at, obstacles, notes, served, served_at)
						values (:tenant, :partner, :direction, :at, :obstacles, :notes, :served, :servedAt)
						on conflict (tenant_id, partner_id, direction)
						do update set checked_at = :at, obstacles = :obstacles, notes = :notes, served = :served,
						served_at = coalesce(:servedAt, mail_path.served_at)""")
				.param("tenant", this.exchange.tenantId())
				.param("partner", connector.partnerId())
				.param("direction", connector.direction().name())
				.param("at", path.at().atOffset(ZoneOffset.UTC))
				.param("obstacles", Json.write(path.obstacles()))
				.param("notes", Json.write(path.notes()))
				.param("served", (served != null) ? Json.write(Served.of(served)) : null)
				.param("servedAt", thoroughly ? path.at().atOffset(ZoneOffset.UTC) : null,
						Types.TIMESTAMP_WITH_TIMEZONE)
				.update();
			if (!before.filter(path.obstacles()::equals).isPresent()) {
				Act act = Act.of(before.isEmpty() ? "connector.path-checked" : "connector.path-changed")
					.by(Actor.system("mail-path"))
					.on("connector", connector.id())
					.partner(connector.partnerId(), connector.partnerName())
					.detail("direction", connector.direction())
					.detail("obstacles", path.obstacles().size());
				this.audit.append(path.obstacles().isEmpty() ? act
						: act.detail("because", String.join(" ", path.obstacles())).failed());
				if (path.obstacles().isEmpty()) {
					this.events
						.publishEvent(new ConnectorEvent.PathTaken(connector.partnerId(), connector.direction()));
				}
				else {
					this.events
						.publishEvent(new ConnectorEvent.NotEnforceable(connector.partnerId(), connector.direction(),
								"Mail " + ((connector.direction() == Direction.OUTBOUND) ? "to" : "from")
										+ " them does not take our connector: " + String.join(" ", path.obstacles())));
				}
			}
		});
	}

	private record Served(String domain, List<String> connectors) {

		static List<Served> of(Map<String, List<String>> served) {
			return served.entrySet().stream().map((one) -> new Served(one.getKey(), one.getValue())).toList();
		}

	}

	private OffsetDateTime now() {
		return this.clock.instant().atOffset(ZoneOffset.UTC);
	}

}
