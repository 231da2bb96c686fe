package org.partnertls.request;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.Directory;
import org.partnertls.account.OnBehalf;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.Ids;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Retries;
import org.partnertls.organization.Texts;
import org.partnertls.organization.Words;
import org.partnertls.partner.DomainRules;
import org.partnertls.partner.Invitation;
import org.partnertls.partner.NewPartner;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.request.ImportFile.Column;
import org.partnertls.request.ImportFile.Line;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Lists of partners as CSV: what each row would do, then doing it, then inviting all or
 * some of the new ones, a few in a second. A domain that is known is never taken in
 * twice.
 */
@Component
@Transactional
class Imports {

	private static final TaskDescriptor<Void> INVITE = TaskDescriptor.of("partner-import-invite");

	/** Between two invitations, so that a mail server is not flooded. */
	private static final Duration PACE = Duration.ofMillis(500);

	private final JdbcClient jdbc;

	private final Partners partners;

	private final DomainRules rules;

	private final Directory directory;

	private final OrganizationProperties organization;

	private final AuditLog audit;

	private final SchedulerClient scheduler;

	private final Clock clock;

	Imports(JdbcClient jdbc, Partners partners, DomainRules rules, Directory directory,
			OrganizationProperties organization, AuditLog audit, @Lazy SchedulerClient scheduler, Clock clock) {
		this.jdbc = jdbc;
		this.partners = partners;
		this.rules = rules;
		this.directory = directory;
		this.organization = organization;
		this.audit = audit;
		this.scheduler = scheduler;
		this.clock = clock;
	}

	/**
	 * Says of each row what it would do. Stores nothing.
	 * @param reason for rows that give none
	 */
	@Transactional(readOnly = true)
	List<Row> preview(List<Line> lines, String reason, SignedIn me) {
		List<Row> rows = lines.stream().map((line) -> read(line, reason, me)).toList();
		DomainRules.Register register = this.rules.register();
		Map<UUID, Partner> known = this.partners
			.find(rows.stream()
				.flatMap((row) -> Optional.ofNullable(row.domain()).stream())
				.map(register::holder)
				.filter(Objects::nonNull)
				.collect(Collectors.toSet()))
			.stream()
			.collect(Collectors.toMap(Partner::id, Function.identity()));
		Set<String> taken = this.directory
			.confirming(rows.stream().flatMap((row) -> Optional.ofNullable(row.contact()).stream()).toList());
		Set<String> waiting = new HashSet<>(
				this.jdbc.sql("select domain from partner_import_row where state in ('WAITING', 'ASKED')")
					.query((row, number) -> row.getString(1))
					.list());
		Map<String, Integer> seen = new HashMap<>();
		Map<String, Row> said = new HashMap<>();
		return rows.stream().map((row) -> compare(row, register, known, taken, waiting, seen, said)).toList();
	}

	private Row read(Line line, String reason, SignedIn me) {
		List<String> problems = new ArrayList<>();
		if (line.tooMany()) {
			problems.add("There are more cells than columns. Put text that contains the separator in quotation marks.");
		}
		line.cells().forEach((column, cell) -> {
			if (cell.length() > ImportFile.MOST_CHARACTERS) {
				problems.add(at(column) + "Enter at most 2,000 characters.");
			}
		});
		text(problems, line, Column.ORGANISATION, "Enter the organisation's name.");
		DomainName domain = value(problems, line, Column.DOMAIN, DomainName::of);
		if (domain != null) {
			DomainRules.refusalsOfTheName(domain).forEach((why) -> problems.add(at(Column.DOMAIN) + why));
		}
		text(problems, line, Column.CONTACT_NAME, "Enter the name of the person to invite.");
		EmailAddress contact = value(problems, line, Column.CONTACT_ADDRESS, EmailAddress::of);
		if (domain != null && contact != null && !contact.domain().equals(domain)) {
			problems.add(at(Column.CONTACT_ADDRESS) + "Enter an address in the domain " + domain.display() + ".");
		}
		Locale language = line.cell(Column.LANGUAGE).isEmpty() ? null
				: value(problems, line, Column.LANGUAGE, Imports::language);
		String ownerName = line.cell(Column.OWNER_NAME);
		EmailAddress owner = null;
		if (ownerName.isEmpty() && line.cell(Column.OWNER_ADDRESS).isEmpty() && me.address() != null) {
			ownerName = me.name();
			owner = EmailAddress.of(me.address());
		}
		else {
			text(problems, line, Column.OWNER_NAME, "Enter the colleague's name.");
			owner = value(problems, line, Column.OWNER_ADDRESS, this::ours);
		}
		String why = line.cell(Column.REASON).isEmpty() ? reason : line.cell(Column.REASON);
		Texts.lines(why, Fields.TEXT, "Say why mail with this partner needs TLS.")
			.ifPresent((message) -> problems.add(at(Column.REASON) + message));
		return new Row(line, domain, contact, language, ownerName, owner, why,
				problems.isEmpty() ? Mark.NEW : Mark.ERROR, problems, List.of(), null);
	}

	private EmailAddress ours(String typed) {
		EmailAddress address = EmailAddress.of(typed);
		if (this.organization.mailDomains()
			.stream()
			.noneMatch((our) -> address.domain().equals(our) || address.domain().isBelow(our))) {
			throw new IllegalArgumentException("Enter an address in one of our own mail domains, for example name@"
					+ this.organization.primaryDomain() + ".");
		}
		return address;
	}

	// By its code, or by what it is called in any language of ours.
	private static Locale language(String typed) {
		return Words.LANGUAGES.stream()
			.filter((ours) -> ours.getLanguage().equalsIgnoreCase(typed) || Words.LANGUAGES.stream()
				.anyMatch((reader) -> ours.getDisplayLanguage(reader).equalsIgnoreCase(typed)))
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException(
					"Enter one of these languages or leave the cell empty: " + Words.LANGUAGES.stream()
						.map((ours) -> ours.getLanguage() + " (" + ours.getDisplayLanguage(ours) + ")")
						.collect(Collectors.joining(", ")) + "."));
	}

	private static @Nullable Locale locale(@Nullable String code) {
		return (code != null) ? Locale.forLanguageTag(code) : null;
	}

	private static void text(List<String> problems, Line line, Column column, String missing) {
		Texts.line(line.cell(column), Fields.LINE, missing).ifPresent((message) -> problems.add(at(column) + message));
	}

	private static <T> @Nullable T value(List<String> problems, Line line, Column column, Function<String, T> reader) {
		try {
			return reader.apply(line.cell(column));
		}
		catch (IllegalArgumentException ex) {
			problems.add(at(column) + ex.getMessage());
			return null;
		}
	}

	private static String at(Column column) {
		return "Column “" + column.title() + "”: ";
	}

	private Row compare(Row row, DomainRules.Register register, Map<UUID, Partner> known, Set<String> taken,
			Set<String> waiting, Map<String, Integer> seen, Map<String, Row> said) {
		DomainName domain = row.domain();
		EmailAddress contact = row.contact();
		if (domain == null) {
			return row;
		}
		Integer before = seen.putIfAbsent(domain.ascii(), row.line().number());
		if (before != null) {
			return row.wrong(at(Column.DOMAIN) + "The same domain stands in line " + before + ".");
		}
		UUID holder = register.holder(domain);
		Partner partner = (holder != null) ? known.get(holder) : null;
		if (row.mark() == Mark.ERROR || contact == null) {
			return row;
		}
		if (partner != null) {
			return known(row, partner, contact, said);
		}
		before = seen.putIfAbsent(contact.key(), row.line().number());
		if (before != null) {
			return row.wrong(at(Column.CONTACT_ADDRESS) + "The same address stands in line " + before + ".");
		}
		if (waiting.contains(domain.ascii())) {
			return row.marked(Mark.SAME, null, List.of("Imported before, and not invited yet."));
		}
		DomainRules.Findings findings = register.check(domain, null);
		if (!findings.refusals().isEmpty()) {
			return row.wrong(at(Column.DOMAIN) + findings.refusals().getFirst());
		}
		if (taken.contains(contact.key())) {
			return row.wrong(at(Column.CONTACT_ADDRESS) + "This address already signs in for another organisation.");
		}
		return row.marked(Mark.NEW, null, findings.warnings());
	}

	// Two rows for domains of one partner must not take turns at its name or owner.
	private static Row known(Row row, Partner partner, EmailAddress contact, Map<String, Row> said) {
		Row named = said.computeIfAbsent("name " + partner.id(), (key) -> row);
		if (!named.organisation().equals(row.organisation())) {
			return row.wrong(at(Column.ORGANISATION) + "Line " + named.line().number() + " names the same partner “"
					+ named.organisation() + "”. Give it one name.");
		}
		if (!row.line().cell(Column.OWNER_ADDRESS).isEmpty()) {
			Row owned = said.computeIfAbsent("owner " + partner.id(), (key) -> row);
			if (!owned.ownerName().equals(row.ownerName())
					|| !Objects.requireNonNull(owned.owner()).key().equals(Objects.requireNonNull(row.owner()).key())) {
				return row.wrong(at(Column.OWNER_ADDRESS) + "Line " + owned.line().number()
						+ " names another owner of the same partner. Give it one.");
			}
		}
		List<String> notes = new ArrayList<>();
		boolean changed = false;
		if (!partner.name().equals(row.organisation())) {
			changed = true;
			notes.add("The name becomes “" + row.organisation() + "”, now “" + partner.name() + "”.");
		}
		EmailAddress owner = Objects.requireNonNull(row.owner());
		if (!row.line().cell(Column.OWNER_ADDRESS).isEmpty() && (!partner.ownerAddress().key().equals(owner.key())
				|| !partner.ownerName().equals(row.ownerName()))) {
			changed = true;
			notes.add("The owner becomes " + row.ownerName() + " <" + owner + ">, now " + partner.ownerName() + " <"
					+ partner.ownerAddress() + ">.");
		}
		if (partner.contacts().stream().noneMatch((person) -> person.address().key().equals(contact.key()))) {
			notes.add("The contact " + contact + " is none of the partner's people; those are changed on its page.");
		}
		return row.marked(changed ? Mark.CHANGED : Mark.SAME, partner.id(), notes);
	}

	/**
	 * Does what the rows say: corrects what has changed, and keeps what is new until
	 * somebody invites it. Rows in error and those that change nothing are passed over.
	 * @return the import's id
	 */
	UUID store(List<Row> rows, SignedIn me) {
		Instant now = this.clock.instant();
		UUID id = Ids.at(now);
		List<Row> changed = rows.stream().filter((row) -> row.mark() == Mark.CHANGED).toList();
		List<Row> fresh = rows.stream().filter((row) -> row.mark() == Mark.NEW).toList();
		this.jdbc.sql("insert into partner_import (id, by_id, imported_at, changed) values (?, ?, ?, ?)")
			.params(id, me.id(), utc(now), changed.size())
			.update();
		changed.forEach(this::correct);
		for (Row row : fresh) {
			this.jdbc.sql("""
					insert into partner_import_row (import_id, line, organisation, domain, contact_name, address,
						language, owner_name, owner_address, reason, warning, state)
					values (?, ?, ?, ?, ?, ?, nullif(?, ''), ?, ?, ?, nullif(?, ''), 'WAITING')
					on conflict (domain) where state in ('WAITING', 'ASKED') do nothing""")
				.params(id, row.line().number(), row.organisation(), String.valueOf(row.domain()),
						row.line().cell(Column.CONTACT_NAME), String.valueOf(row.contact()),
						(row.language() != null) ? row.language().getLanguage() : "", row.ownerName(),
						String.valueOf(row.owner()), row.reason(), String.join(" ", row.notes()))
				.update();
		}
		this.audit.append(Act.of("partner.imported")
			.on("partner-import", id)
			.detail("new", fresh.size())
			.detail("changed", changed.size())
			.detail("rows", rows.size()));
		return id;
	}

	private void correct(Row row) {
		Partner partner = this.partners.find(Objects.requireNonNull(row.partnerId())).orElseThrow();
		if (!partner.name().equals(row.organisation())) {
			this.partners.rename(partner.id(), row.organisation());
		}
		EmailAddress owner = Objects.requireNonNull(row.owner());
		if (!row.line().cell(Column.OWNER_ADDRESS).isEmpty() && (!partner.ownerAddress().key().equals(owner.key())
				|| !partner.ownerName().equals(row.ownerName()))) {
			this.partners.setOwner(partner.id(), row.ownerName(), owner);
		}
	}

	/**
	 * Asks for invitations. They go out one after the other.
	 * @param lines which rows; null: all that wait and need no second look
	 * @return how many were asked for now
	 */
	int invite(UUID id, @Nullable Collection<Integer> lines, SignedIn me) {
		List<Integer> asked = this.jdbc.sql("""
				update partner_import_row r set state = 'ASKED', asked_by = :by, problem = null
				where import_id = :id and state in ('WAITING', 'REFUSED')
					and ((:all and state = 'WAITING' and warning is null) or line in (:lines))
					and not exists (select from partner_import_row o where o.domain = r.domain
						and o.state in ('WAITING', 'ASKED') and (o.import_id, o.line) <> (r.import_id, r.line))
				returning line""")
			.param("by", me.id())
			.param("id", id)
			.param("all", lines == null)
			.param("lines", (lines == null || lines.isEmpty()) ? List.of(-1) : lines)
			.query((row, number) -> row.getInt(1))
			.list();
		Instant at = this.clock.instant();
		for (int line : asked.stream().sorted().toList()) {
			this.scheduler.scheduleIfNotExists(INVITE.instance(id + "/" + line).scheduledTo(at));
			at = at.plus(PACE);
		}
		if (!asked.isEmpty()) {
			this.audit.append(Act.of("partner.import-invited").on("partner-import", id).detail("rows", asked.size()));
		}
		return asked.size();
	}

	/** An import with its rows. */
	@Transactional(readOnly = true)
	Optional<Import> find(UUID id) {
		return list("i.id = :id", id, 1).stream().findFirst();
	}

	/** The newest imports. */
	@Transactional(readOnly = true)
	List<Import> newest() {
		return list("true", null, 20);
	}

	/** All imports, the newest first. */
	@Transactional(readOnly = true)
	List<Import> all() {
		return list("true", null, Integer.MAX_VALUE);
	}

	private List<Import> list(String condition, @Nullable UUID id, int most) {
		return this.jdbc.sql("""
				select i.id, i.imported_at, i.changed, a.name,
					count(*) filter (where r.state = 'WAITING' and r.warning is null) as waiting,
					count(*) filter (where r.state = 'WAITING' and r.warning is not null) as doubtful,
					count(*) filter (where r.state = 'ASKED') as asked,
					count(*) filter (where r.state = 'INVITED') as invited,
					count(*) filter (where r.state = 'REFUSED') as refused
				from partner_import i join account a on a.id = i.by_id
					left join partner_import_row r on r.import_id = i.id
				where %s group by i.id, a.name order by i.imported_at desc limit :most""".formatted(condition))
			.param("id", id)
			.param("most", most)
			.query((row, number) -> new Import(row.getObject(1, UUID.class),
					row.getObject(2, OffsetDateTime.class).toInstant(), row.getInt(3), row.getString(4), row.getInt(5),
					row.getInt(6), row.getInt(7), row.getInt(8), row.getInt(9)))
			.list();
	}

	/** The rows of an import, those that need somebody first. */
	@Transactional(readOnly = true)
	List<Stored> rows(UUID id) {
		return this.jdbc
			.sql("""
					select line, organisation, domain, contact_name, address, language, warning, state, partner_id, problem
					from partner_import_row where import_id = :id
					order by array_position(array['REFUSED', 'WAITING', 'ASKED', 'INVITED'], state), warning is null, line""")
			.param("id", id)
			.query((row, number) -> new Stored(row.getInt(1), row.getString(2), new DomainName(row.getString(3)),
					row.getString(4), row.getString(5), locale(row.getString(6)), row.getString(7),
					State.valueOf(row.getString(8)), row.getObject(9, UUID.class), row.getString(10)))
			.list();
	}

	private static OffsetDateTime utc(Instant instant) {
		return instant.atOffset(ZoneOffset.UTC);
	}

	/** What a row would do. */
	enum Mark {

		/** There is a new partner. */
		NEW("New", "good"),
		/** A partner's name or owner is corrected. */
		CHANGED("Changed", "wait"),
		/** Nothing. */
		SAME("Same", "idle"),
		/** It cannot be taken in. */
		ERROR("Error", "bad");

		private final String words;

		private final String tone;

		Mark(String words, String tone) {
			this.words = words;
			this.tone = tone;
		}

		public String words() {
			return this.words;
		}

		public String tone() {
			return this.tone;
		}

	}

	/**
	 * A row and what it would do.
	 *
	 * @param language in which the contact is written to; null: nobody has said
	 * @param problems why it cannot be taken in
	 * @param notes what it would change, or what to look at first
	 */
	record Row(Line line, @Nullable DomainName domain, @Nullable EmailAddress contact, @Nullable Locale language,
			String ownerName, @Nullable EmailAddress owner, String reason, Mark mark, List<String> problems,
			List<String> notes, @Nullable UUID partnerId) {

		Row wrong(String problem) {
			List<String> all = new ArrayList<>(this.problems);
			all.add(problem);
			return new Row(this.line, this.domain, this.contact, this.language, this.ownerName, this.owner, this.reason,
					Mark.ERROR, all, List.of(), null);
		}

		Row marked(Mark other, @Nullable UUID partner, List<String> remarks) {
			return new Row(this.line, this.domain, this.contact, this.language, this.ownerName, this.owner, this.reason,
					other, this.problems, remarks, partner);
		}

		public String organisation() {
			return this.line.cell(Column.ORGANISATION);
		}

		/** The domain, in both forms where they differ, or as it was typed. */
		public String shownDomain() {
			return (this.domain != null) ? this.domain.display() : this.line.cell(Column.DOMAIN);
		}

		boolean doesSomething() {
			return this.mark == Mark.NEW || this.mark == Mark.CHANGED;
		}

		/** Whether somebody has to look before it is invited. */
		public boolean doubtful() {
			return this.mark == Mark.NEW && !this.notes.isEmpty();
		}

	}

	/** How far a new partner of an import is. */
	enum State {

		/** Nobody has asked to invite it. */
		WAITING("Not invited yet", "idle"),
		/** Its invitation is under way. */
		ASKED("Being invited", "wait"),
		/** It is a partner. */
		INVITED("Invited", "good"),
		/** A rule or somebody faster was in the way. */
		REFUSED("Could not be invited", "bad");

		private final String words;

		private final String tone;

		State(String words, String tone) {
			this.words = words;
			this.tone = tone;
		}

		public String words() {
			return this.words;
		}

		public String tone() {
			return this.tone;
		}

	}

	/** A new partner of an import. */
	record Stored(int line, String organisation, DomainName domain, @Nullable String contactName,
			@Nullable String address, @Nullable Locale language, @Nullable String warning, State state,
			@Nullable UUID partnerId, @Nullable String problem) {

		/** Whether it can be invited. */
		public boolean open() {
			return this.state == State.WAITING || this.state == State.REFUSED;
		}

	}

	/**
	 * An import.
	 *
	 * @param doubtful how many wait for somebody to look first
	 */
	record Import(UUID id, Instant at, int changed, String by, int waiting, int doubtful, int asked, int invited,
			int refused) {

		public int all() {
			return this.waiting + this.doubtful + this.asked + this.invited + this.refused;
		}

		/** Whether invitations are under way, so that a page should look again soon. */
		public boolean isMoving() {
			return this.asked > 0;
		}

		public String words() {
			return String.format(Locale.UK, "%,d of %,d invited", this.invited, all());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Job {

		@Bean
		OneTimeTask<Void> partnerImportInvite(JdbcClient jdbc, Admission admission, OnBehalf behalf,
				TransactionTemplate transaction) {
			return Tasks.oneTime(INVITE)
				.defaultPriority(20)
				.onFailure(Retries.thenPark(Duration.ofSeconds(10)))
				.execute((instance, context) -> {
					String[] parts = instance.getId().split("/", 2);
					transaction.executeWithoutResult((status) -> invite(jdbc, admission, behalf,
							UUID.fromString(parts[0]), Integer.parseInt(parts[1])));
				});
		}

		private static void invite(JdbcClient jdbc, Admission admission, OnBehalf behalf, UUID id, int line) {
			jdbc.sql("""
					select organisation, domain, contact_name, address, owner_name, owner_address, reason, asked_by,
						language
					from partner_import_row where import_id = ? and line = ? and state = 'ASKED' for update""")
				.params(id, line)
				.query((row, number) -> {
					NewPartnerRow wanted = new NewPartnerRow(row.getString(1), new DomainName(row.getString(2)),
							row.getString(3), EmailAddress.of(row.getString(4)), row.getString(5),
							EmailAddress.of(row.getString(6)), row.getString(7), row.getObject(8, UUID.class),
							locale(row.getString(9)));
					return wanted;
				})
				.optional()
				.ifPresent((wanted) -> {
					boolean done = behalf.ofAdmin(wanted.by(),
							(admin) -> settle(jdbc, id, line, admission.invite(wanted.by(admin), wanted.language())));
					if (!done) {
						refuse(jdbc, id, line,
								"Whoever asked for it is no administrator any more. Invite it yourself.");
					}
				});
		}

		private static void settle(JdbcClient jdbc, UUID id, int line, Invitation invitation) {
			switch (invitation) {
				case Invitation.Refused refused -> refuse(jdbc, id, line, refused.problem().message());
				// The contact stands with the partner now.
				case Invitation.Invited invited -> jdbc.sql("""
						update partner_import_row set state = 'INVITED', partner_id = ?, contact_name = null,
							address = null, language = null where import_id = ? and line = ?""")
					.params(invited.id(), id, line)
					.update();
			}
		}

		private static void refuse(JdbcClient jdbc, UUID id, int line, String problem) {
			jdbc.sql("update partner_import_row set state = 'REFUSED', problem = ? where import_id = ? and line = ?")
				.params(problem, id, line)
				.update();
		}

		private record NewPartnerRow(String organisation, DomainName domain, String contactName, EmailAddress contact,
				String ownerName, EmailAddress owner, String reason, UUID by, @Nullable Locale language) {

			NewPartner by(SignedIn admin) {
				return new NewPartner(this.organisation, this.domain, this.contactName, this.contact, this.ownerName,
						this.owner, this.reason, admin);
			}

		}

	}

}
