package org.partnertls.onboarding;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.Partner;

/**
 * What must be so of one partner: computed without the portal, from what people did and
 * from the days that went by.
 */
final class Life {

	static final boolean BY_PEOPLE = false;

	static final boolean BY_PORTAL = true;

	static final String COMPLIANCE = "compliance@contoso.example";

	private static final String EMERGENCY = "ole@elsewhere.example";

	private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

	/** How long the test lets the people of who is gone keep their names. */
	static final Period KEPT = Period.ofDays(90);

	/** What the model speaks of; other codes are other tests' matter. */
	private static final Set<String> CODES = Set.of("attestation.recertification-opened", "attestation.change-opened",
			"attestation.widened", "attestation.difference-noted", "attestation.submitted", "attestation.approved",
			"attestation.held", "attestation.withdrawn", "attestation.our-side-proven",
			"attestation.our-side-proven.failed", "recertification.reminded", "recertification.overdue",
			"attestation.opened", "attestation.returned", "attestation.rejected", "attestation.reminded",
			"partner.invited", "partner.opened", "partner.activated", "partner.proven", "partner.postponed",
			"partner.move-asked", "partner.suspended", "partner.resumed", "partner.ended", "partner.withdrawn",
			"partner.expired", "partner.contacts-changed", "partner.contact-left", "partner.unreachable.failed",
			"partner.owner-changed", "partner.renamed", "partner.reminded", "partner.people-reduced",
			"person.hand-over-asked", "person.hand-over-refused", "person.handed-over", "person.helper-named",
			"invitation.sent", "invitation.resent", "invitation.opened", "invitation.expired", "invitation.revoked",
			"invitation.asked-again", "mail.sent", "mail.returned.failed", "connector.relief-end-asked",
			"connector.change-retried", "domain.added", "domain.removed", "alarm.opened", "alarm.acknowledged",
			"alarm.escalated", "alarm.closed");

	final Relation relation;

	/** What people have done, for whoever asks why something is wrong. */
	private final List<String> story = new ArrayList<>();

	private final Instant began;

	/** How many letters, by template and address. */
	private final Map<String, Integer> letters = new TreeMap<>();

	/** Those of them that came back. */
	private final Map<String, Integer> returned = new TreeMap<>();

	private final Map<String, Integer> events = new TreeMap<>();

	/** Whether the letters about them go out, and are not only posted. */
	final boolean isMailed;

	/** What is wrong, and whether somebody was called about it, or takes care of it. */
	private final Map<String, String> alarms = new TreeMap<>();

	final List<String> domains = new ArrayList<>();

	final List<UUID> unproven = new ArrayList<>();

	/** Those of them that came with the pass under way. */
	final Map<UUID, String> fresh = new TreeMap<>();

	final Set<String> leaving = new TreeSet<>();

	/** Proven, and not in our connectors yet. */
	final Set<String> waiting = new TreeSet<>();

	/** Whether one of them was proven after the last pass was over. */
	boolean provenLate;

	final Set<String> scope = new TreeSet<>();

	private final Set<String> reminded = new TreeSet<>();

	/** The technical contacts' addresses, as the portal orders them. */
	final List<String> technical = new ArrayList<>();

	/** Who was invited and has not come, and until when they may. */
	final Map<String, Instant> invitations = new LinkedHashMap<>();

	final Set<String> unreachable = new TreeSet<>();

	String name;

	String owner;

	boolean ownerUnreachable;

	String state;

	/** Empty, OPEN, RETURNED or SUBMITTED. */
	String pass = "";

	String kind = "";

	private boolean byPortal;

	/** When somebody last did something about the pass, and was reminded of it. */
	Instant changed = Instant.EPOCH;

	private Instant nudged = Instant.EPOCH;

	boolean opensWithReminder;

	/** Empty, or where the helper is. */
	String helper = "";

	private boolean hasEmergency;

	/** Who hands over to whom; null: nobody. */
	@Nullable HandOver handOver;

	boolean relieved;

	/** Whether the connectors were switched off with the suspension. */
	boolean off;

	/** Whether their main domain is. */
	private boolean isProven = true;

	/** Whether a pass of theirs was ever begun. */
	boolean hasBegun = true;

	boolean cameBack;

	private boolean isReduced;

	private @Nullable Instant ended;

	/** When our owner was last told that they ask for a new invitation. */
	Instant askedAgain = Instant.EPOCH;

	private Instant bulkReminded = Instant.EPOCH;

	@Nullable Instant due;

	private Instant firstDue = Instant.EPOCH;

	private Instant dueSince = Instant.EPOCH;

	Instant today;

	/** When the message came that proves anew. */
	Instant provenOn;

	private int named;

	/** Whether a change of theirs ended because nobody went on with it. */
	boolean hasChangeExpired;

	private Life(Relation relation, String state, String owner, boolean isMailed, Instant now) {
		Partner partner = relation.partner();
		this.relation = relation;
		this.state = state;
		this.owner = owner;
		this.isMailed = isMailed;
		this.name = partner.name();
		this.began = now;
		this.today = now;
		this.provenOn = now;
		this.domains.add(partner.mainDomain().name().ascii());
		this.technical.add("it@" + this.domains.getFirst());
	}

	/** One that has been enforced for a while. */
	static Life active(Relation relation, boolean isMailed, Instant now) {
		Life life = new Life(relation, "ACTIVE", "olu@contoso.example", isMailed, now);
		life.hasEmergency = true;
		life.due = relation.due();
		life.firstDue = life.due;
		return life;
	}

	/** One that was invited just now. */
	static Life invited(Relation relation, String owner, boolean isMailed, Instant before, Instant now) {
		Life life = new Life(relation, "INVITED", owner, isMailed, before);
		life.today = now;
		life.hasBegun = false;
		life.isProven = false;
		life.event("partner.invited");
		life.letter("owner-named", owner);
		life.event("invitation.sent");
		life.letter("invitation", life.technical.getFirst());
		life.invitations.put(life.technical.getFirst(), now.plus(Duration.ofDays(14)));
		return life;
	}

	/** Who comes in somebody's place, and when nobody has objected. */
	record HandOver(String from, String to, @Nullable Instant due) {

		boolean isByColleague() {
			return this.due != null;
		}

	}

	boolean isActive() {
		return this.state.equals("ACTIVE");
	}

	boolean isOnboarding() {
		return this.state.equals("ONBOARDING");
	}

	/** Whether their people have ever come, and it goes on. */
	boolean isHere() {
		return isActive() || isOnboarding() || this.state.equals("SUSPENDED");
	}

	boolean isLiving() {
		return isHere() || this.state.equals("INVITED");
	}

	/** Whether there are connectors. */
	boolean isEnforced() {
		return isActive() || this.state.equals("SUSPENDED");
	}

	boolean isWithPartner() {
		return this.pass.equals("OPEN") || this.pass.equals("RETURNED");
	}

	/** Whether it waits for us; without a contact nothing can be planned. */
	boolean isReviewable() {
		return isActive() && this.pass.equals("SUBMITTED") && !this.technical.isEmpty();
	}

	boolean isFirstReviewable() {
		return isOnboarding() && this.pass.equals("SUBMITTED") && !this.technical.isEmpty();
	}

	boolean isOnePageOpen() {
		return isActive() && isWithPartner() && this.scope.isEmpty() && isAnybodyThere();
	}

	/** Whether a partner's person can start something. */
	boolean isQuiet() {
		return isActive() && this.pass.isEmpty() && isAnybodyThere();
	}

	/** How many of their domains are looked at. */
	int watched() {
		return this.isProven ? this.domains.size() - this.unproven.size() : 0;
	}

	boolean canRetire() {
		return watched() > 1;
	}

	/** Whether one of theirs has come and may confirm. */
	boolean isAnybodyThere() {
		return !actor().isEmpty();
	}

	/** The first who has come and may confirm. */
	String actor() {
		return isHere() ? this.technical.stream()
			.filter((address) -> !this.invitations.containsKey(address))
			.findFirst()
			.orElse("") : "";
	}

	/**
	 * Of a thousand such days, on how many something happens: more where something lies
	 * open.
	 */
	int unrest() {
		boolean awaits = !this.invitations.isEmpty();
		boolean settled = isActive() && this.pass.isEmpty() && this.domains.size() == 1;
		boolean objects = this.handOver != null && this.handOver.isByColleague();
		return this.relieved ? 300 : objects ? 200 : !isLiving() ? 8 : awaits ? 60 : settled ? 5 : 25;
	}

	void goesOn(String move) {
		this.story.add(this.today.toString().substring(0, 10) + " " + move);
	}

	String story() {
		return this.relation.partner().reference() + " (" + this.state + "): " + this.story;
	}

	void event(String code) {
		this.events.merge(code, 1, Integer::sum);
	}

	void letter(String template, String recipient) {
		this.letters.merge(template + " " + recipient, 1, Integer::sum);
		if (this.isMailed) {
			event("mail.sent");
		}
	}

	void tellOwner(String template) {
		letter("owner-" + template, this.owner);
	}

	void tellCompliance(String template) {
		letter("compliance-" + template, COMPLIANCE);
	}

	/** Whoever does tasks gets it. */
	void tellPartner(String template) {
		this.technical.forEach((address) -> letter("partner-" + template, address));
		if (!this.helper.isEmpty()) {
			letter("partner-" + template, this.helper);
		}
	}

	/** So does who is reached elsewhere. */
	void tellEverybody(String template) {
		tellPartner(template);
		if (this.hasEmergency) {
			letter("partner-" + template, EMERGENCY);
		}
	}

	boolean hasLetter(String recipient) {
		return this.letters.keySet().stream().anyMatch((letter) -> letter.endsWith(" " + recipient));
	}

	void comesBack(String template, String recipient) {
		event("mail.returned.failed");
		this.returned.merge(template + " " + recipient, 1, Integer::sum);
	}

	String newHost() {
		return "mx" + ++this.named + ".elsewhere.example";
	}

	String newAddress() {
		return "p" + ++this.named + "@" + this.domains.getFirst();
	}

	/** One more person of theirs is in the list, and may sign in. */
	void invites(String address) {
		event("partner.contacts-changed");
		invitationTo(address);
	}

	private void invitationTo(String address) {
		event("invitation.sent");
		letter("invitation-person", address);
		this.invitations.put(address, this.today.plus(Duration.ofDays(14)));
	}

	void resent(String address) {
		event("invitation.resent");
		letter(this.state.equals("INVITED") ? "invitation" : "invitation-person", address);
		this.invitations.put(address, this.today.plus(Duration.ofDays(14)));
	}

	/** Who was invited reads the code that went to their address. */
	void comes(String address) {
		if (this.invitations.remove(address) != null) {
			event("invitation.opened");
		}
		this.unreachable.remove(address);
	}

	/** Somebody's invitation is over without a sign from them. */
	private void neverCame(String address) {
		if (this.state.equals("INVITED")) {
			return;
		}
		if (address.equals(this.helper)) {
			this.helper = "";
			event("partner.contacts-changed");
		}
		else {
			// The last one is marked as gone.
			event((this.technical.size() > 1) ? "partner.contacts-changed" : "partner.contact-left");
			goes(address);
		}
		this.unreachable.remove(address);
	}

	/** A technical contact is none any more. */
	void goes(String address) {
		this.technical.remove(address);
		this.unreachable.remove(address);
		if (this.invitations.remove(address) != null) {
			event("invitation.revoked");
		}
		if (this.handOver != null && this.handOver.to().equals(address)) {
			this.handOver = null;
		}
	}

	void revoked(String address) {
		this.invitations.remove(address);
		event("invitation.revoked");
		letter("invitation-revoked", address);
		if (this.state.equals("INVITED")) {
			over("WITHDRAWN");
		}
		else {
			neverCame(address);
		}
	}

	/** Somebody stands in another's place. */
	void replaced(String from, String to) {
		event("partner.contacts-changed");
		event("person.handed-over");
		letter("person-replaced", from);
		tellOwner("people");
		boolean known = this.technical.remove(to);
		if (this.technical.contains(from)) {
			this.technical.set(this.technical.indexOf(from), to);
		}
		else {
			this.technical.add(to);
		}
		goes(from);
		if (!known) {
			invitationTo(to);
		}
	}

	/** The partnership is over. */
	void over(String how) {
		event("partner." + how.toLowerCase(Locale.ROOT));
		this.state = how;
		this.ended = this.today;
		this.invitations.forEach((address, until) -> event("invitation.revoked"));
		this.invitations.clear();
		if (this.handOver != null && this.handOver.isByColleague()) {
			event("person.hand-over-refused");
			letter("person-hand-over-stopped", this.handOver.to());
		}
		this.handOver = null;
		if (!this.pass.isEmpty()) {
			event(this.pass.equals("SUBMITTED") ? "attestation.rejected" : "attestation.withdrawn");
			close();
		}
	}

	/**
	 * All people of the partner, our owner and compliance hear of a suspension and the
	 * like.
	 */
	void moved(String how) {
		tellEverybody((how.equals("suspended") && this.off) ? "switched-off" : how);
		tellOwner(this.state.equals("ENDED") ? "ended" : "moved");
		tellCompliance("moved");
	}

	void finished() {
		this.isProven = true;
		event("attestation.submitted");
		tellOwner("submitted");
		this.provenOn = this.today;
		this.pass = "SUBMITTED";
	}

	/** The first pass is approved and pushed. */
	void activated(Instant dueNow) {
		event("attestation.approved");
		tellPartner("approved");
		event("partner.activated");
		tellPartner("enforced");
		tellOwner("enforced");
		this.state = "ACTIVE";
		aYearFrom(dueNow);
		close();
	}

	/** What was approved is in the tenant. */
	void pushed() {
		boolean recertification = this.kind.equals("RECERTIFICATION");
		this.leaving.forEach((domain) -> {
			event("domain.removed");
			this.domains.remove(domain);
		});
		if (!this.leaving.isEmpty()) {
			tellPartner("domain-retired");
		}
		this.leaving.clear();
		this.waiting.clear();
		if (recertification) {
			proven();
		}
		else {
			tellPartner("change-done");
			tellOwner("change-done");
		}
		close();
	}

	void opensFirst() {
		event("partner.opened");
		event("attestation.opened");
		this.state = "ONBOARDING";
		this.hasBegun = true;
		open("FIRST");
		this.changed = this.today;
		this.nudged = Instant.EPOCH;
	}

	void namesEmergency() {
		if (!this.hasEmergency) {
			this.hasEmergency = true;
			event("partner.contacts-changed");
		}
	}

	boolean hasEmergency() {
		return this.hasEmergency;
	}

	void openChange(boolean portal, String... tasks) {
		event("attestation.change-opened");
		open("CHANGE", tasks);
		this.byPortal = portal;
		this.changed = this.today;
		this.nudged = Instant.EPOCH;
	}

	private void open(String newKind, String... tasks) {
		this.provenLate = false;
		this.pass = "OPEN";
		this.kind = newKind;
		this.scope.clear();
		this.scope.addAll(Set.of(tasks));
	}

	/**
	 * A change is over without a decision; what came with it and is not proven goes.
	 */
	void closed() {
		event("attestation.withdrawn");
		tellPartner("change-closed");
		this.leaving.clear();
		this.fresh.forEach((id, domain) -> {
			event("domain.removed");
			this.unproven.remove(id);
			this.domains.remove(domain);
		});
		close();
	}

	void close() {
		this.pass = "";
		this.kind = "";
		this.scope.clear();
		this.fresh.clear();
	}

	/** Proven anew: due in a year, by the calendar of Berlin. */
	void proven() {
		event("partner.proven");
		tellPartner("recertified");
		tellOwner("recertified");
		aYearFrom(this.relation.due());
		close();
	}

	private void aYearFrom(Instant now) {
		Instant expected = this.provenOn.atZone(BERLIN).plusYears(1).toInstant();
		if (now.isBefore(expected) || now.isAfter(expected.plus(Duration.ofHours(1)))) {
			event("a due date that is no year after the proof: " + now);
		}
		this.due = now;
		this.firstDue = now;
		this.dueSince = this.provenOn;
		this.reminded.clear();
		this.opensWithReminder = false;
	}

	boolean canBePutOff(Instant now) {
		return isActive() && due().isBefore(now.plus(Duration.ofDays(20))) && latestPostponement().minusDays(5)
			.isAfter(LocalDate.ofInstant(due().isAfter(now) ? due() : now, BERLIN).plusDays(1));
	}

	LocalDate latestPostponement() {
		return LocalDate.ofInstant(this.firstDue, BERLIN).plusDays(60);
	}

	void postpone(LocalDate until, Instant now) {
		this.due = until.atTime(due().atZone(BERLIN).toLocalTime()).atZone(BERLIN).toInstant();
		this.dueSince = now;
		this.reminded.clear();
		this.opensWithReminder = false;
	}

	private Instant due() {
		return Objects.requireNonNull(this.due);
	}

	/** A reminder of one of us to many; who waits for us gets none. */
	void remindedByUs(Instant now) {
		boolean soon = this.due != null && this.due.isBefore(now.plus(Duration.ofDays(60)));
		boolean concerns = this.state.equals("INVITED") || (isOnboarding() && isWithPartner())
				|| (isActive() && (isWithPartner() || (this.pass.isEmpty() && soon)));
		if (concerns && this.bulkReminded.plus(Duration.ofHours(20)).isBefore(now)) {
			event("partner.reminded");
			this.technical.forEach((address) -> letter("partner-reminder", address));
			this.bulkReminded = now;
		}
	}

	/** What the portal does by itself on a day. */
	void aDayHasCome(Instant now) {
		this.today = now;
		if (this.relieved) {
			tellOwner("relief");
			tellCompliance("relief");
		}
		invitationsExpire(now);
		handOverIsDue(now);
		reduce(now);
		if (isActive()) {
			lookAtDueDate(now);
		}
		lookAtSilence(now);
	}

	private void invitationsExpire(Instant now) {
		List<String> gone = this.invitations.entrySet()
			.stream()
			.filter((one) -> !one.getValue().isAfter(now))
			.map(Map.Entry::getKey)
			.toList();
		for (String address : gone) {
			this.invitations.remove(address);
			event("invitation.expired");
			tellOwner("invitation-expired");
			if (this.state.equals("INVITED")) {
				over("EXPIRED");
			}
			else {
				neverCame(address);
			}
		}
	}

	private void handOverIsDue(Instant now) {
		HandOver waits = this.handOver;
		if (waits != null && waits.due() != null && !waits.due().isAfter(now)) {
			this.handOver = null;
			replaced(waits.from(), waits.to());
		}
	}

	private void reduce(Instant now) {
		if (this.ended != null && !this.isReduced && this.ended.isBefore(now.atZone(BERLIN).minus(KEPT).toInstant())) {
			this.isReduced = true;
			event("partner.people-reduced");
		}
	}

	private void lookAtDueDate(Instant now) {
		Map<String, Instant> steps = new HashMap<>();
		for (int days : new int[] { 60, 30, 14, 7, 1 }) {
			if (before(days).isAfter(this.dueSince) && !before(days).isAfter(now)) {
				steps.put("before-" + days, before(days));
			}
		}
		if (isOverdue()) {
			int weeks = 0;
			while (!due().atZone(BERLIN).plusWeeks(weeks + 1L).toInstant().isAfter(now)) {
				weeks++;
			}
			steps.put("overdue-" + weeks, due().atZone(BERLIN).plusWeeks(weeks).toInstant());
		}
		String newest = steps.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey).orElse("");
		boolean reminds = !newest.isEmpty() && !this.reminded.contains(newest);
		this.opensWithReminder &= !reminds;
		if (!before(60).isAfter(now) && !this.opensWithReminder) {
			if (this.pass.isEmpty()) {
				event("attestation.recertification-opened");
				open("RECERTIFICATION");
			}
			else if (isWithPartner() && this.kind.equals("CHANGE")) {
				event("attestation.widened");
				this.kind = "RECERTIFICATION";
			}
		}
		if (reminds) {
			remind(newest);
		}
		this.reminded.addAll(steps.keySet());
	}

	private boolean isOverdue() {
		return !due().isAfter(this.today);
	}

	private Instant before(int days) {
		return due().atZone(BERLIN).minusDays(days).toInstant();
	}

	private void remind(String step) {
		boolean withUs = this.pass.equals("SUBMITTED");
		if (step.startsWith("overdue")) {
			event("recertification.overdue");
			tellOwner("recertification-overdue");
			tellCompliance("recertification-overdue");
			if (!withUs) {
				tellEverybody("recertification-overdue");
			}
			return;
		}
		event("recertification.reminded");
		boolean wide = Integer.parseInt(step.substring(7)) <= 14;
		if (wide || withUs) {
			tellOwner("recertification");
		}
		if (!withUs) {
			// Who cannot confirm is not asked to; in time one of the others is enough.
			List<String> able = new ArrayList<>(this.technical);
			able.add(EMERGENCY);
			(wide ? able : firstReachable(able)).forEach((address) -> letter("partner-recertification", address));
		}
	}

	private List<String> firstReachable(List<String> able) {
		return List.of(able.stream()
			.filter((address) -> !this.unreachable.contains(address))
			.findFirst()
			.orElse(able.getFirst()));
	}

	/**
	 * A first task list or a change that nobody goes on with: reminded each week, over
	 * after ninety days.
	 */
	private void lookAtSilence(Instant now) {
		boolean change = isActive() && this.kind.equals("CHANGE");
		if (!isWithPartner() || !(change || (isOnboarding() && this.kind.equals("FIRST")))) {
			return;
		}
		if (!(change && this.byPortal) && !this.changed.plus(Duration.ofDays(90)).isAfter(now)) {
			if (change) {
				this.hasChangeExpired = true;
				closed();
				tellOwner("change-closed");
			}
			else {
				over("EXPIRED");
				tellPartner("unfinished");
				tellOwner("moved");
			}
			return;
		}
		Instant sign = this.nudged.isAfter(this.changed) ? this.nudged : this.changed;
		if (!sign.plus(Duration.ofDays(7)).isAfter(now)) {
			this.nudged = now;
			event("attestation.reminded");
			tellPartner("reminded");
		}
	}

	/**
	 * Somebody is called once, and once more when nobody takes care of it.
	 * @return what is told of, by kind of letter
	 */
	Map<String, Integer> lookAtAlarms() {
		Map<String, Integer> told = new TreeMap<>();
		Set<String> wrong = new TreeSet<>();
		if (isActive() && isOverdue()) {
			wrong.add("OVERDUE");
		}
		if (this.relieved) {
			wrong.add("RELIEF_OVERDUE");
		}
		this.alarms.entrySet().removeIf((alarm) -> {
			boolean isOver = !wrong.contains(alarm.getKey());
			if (isOver) {
				event("alarm.closed");
			}
			else if (alarm.getValue().equals("OPEN")) {
				event("alarm.escalated");
				told.merge("alarm-escalated", 1, Integer::sum);
				alarm.setValue("ESCALATED");
			}
			return isOver;
		});
		wrong.forEach((cause) -> {
			if (this.alarms.putIfAbsent(cause, "OPEN") == null) {
				event("alarm.opened");
				told.merge("alarm-opened", 1, Integer::sum);
			}
		});
		return told;
	}

	/** An alarm that nobody takes care of yet, or nothing. */
	String alarm() {
		return this.alarms.entrySet()
			.stream()
			.filter((alarm) -> !alarm.getValue().equals("ACKNOWLEDGED"))
			.map(Map.Entry::getKey)
			.findFirst()
			.orElse("");
	}

	void acknowledged(String cause) {
		this.alarms.put(cause, "ACKNOWLEDGED");
		event("alarm.acknowledged");
	}

	void compare(List<String> wrong) {
		Partner partner = this.relation.partner();
		int before = wrong.size();
		String who = partner.reference() + ": ";
		differ(who + "state", this.state, partner.state().name(), wrong);
		differ(who + "name", this.name, partner.name(), wrong);
		differ(who + "owner", this.owner, partner.ownerAddress().toString(), wrong);
		differ(who + "due", this.due, partner.nextDueAt(), wrong);
		differ(who + "domains", new TreeSet<>(this.domains),
				partner.domains()
					.stream()
					.map((domain) -> domain.name().ascii())
					.collect(Collectors.toCollection(TreeSet::new)),
				wrong);
		differ(who + "hand-overs under way", (this.handOver != null) ? List.of(this.handOver.to()) : List.of(),
				this.relation.handOversTo(), wrong);
		differ(who + "alarms", this.alarms, this.relation.alarms(), wrong);
		differ(who + "events", this.events, count(this.relation.codes(this.began, CODES)), wrong);
		Attestation latest = this.relation.latest();
		differ(who + "pass", this.pass, (latest != null && latest.isLiving()) ? latest.state().name() : "", wrong);
		if (latest != null && latest.isLiving()) {
			differ(who + "kind", this.kind, latest.kind().name(), wrong);
			differ(who + "scope", this.scope, latest.scope(), wrong);
		}
		Map<String, Integer> found = count(this.relation.letters(this.began,
				this.isMailed ? Set.of("SENT", "RETURNED") : Set.of("WAITING", "RETURNED")));
		Map<String, Integer> back = count(this.relation.letters(this.began, Set.of("RETURNED")));
		if (this.isReduced) {
			compareReduced(who, partner, found, back, wrong);
		}
		else {
			differ(who + "technical contacts", this.technical,
					addresses(partner, (person) -> person.role() == ContactRole.TECHNICAL), wrong);
			differ(who + "unreachable", this.unreachable,
					new TreeSet<>(addresses(partner, (person) -> person.returnedAt() != null)), wrong);
			differ(who + "letters", this.letters, found, wrong);
			differ(who + "letters that came back", this.returned, back, wrong);
		}
		if (wrong.size() > before) {
			wrong.add(story());
		}
	}

	/**
	 * Nobody of theirs has a name or an address any more; how many got which letters is
	 * as it was.
	 */
	private void compareReduced(String who, Partner partner, Map<String, Integer> found, Map<String, Integer> back,
			List<String> wrong) {
		List<String> people = addresses(partner, (person) -> true);
		people.addAll(found.keySet().stream().map(Life::recipient).toList());
		differ(who + "addresses after people were reduced", List.of(),
				people.stream()
					.filter((address) -> !address.endsWith("@contoso.example"))
					.filter((address) -> this.domains.contains(address.substring(address.indexOf('@') + 1))
							|| address.equals(EMERGENCY) || address.startsWith("mo@"))
					.distinct()
					.toList(),
				wrong);
		differ(who + "letters by person", byPerson(this.letters), byPerson(found), wrong);
		differ(who + "letters that came back by person", byPerson(this.returned), byPerson(back), wrong);
	}

	private static List<String> byPerson(Map<String, Integer> letters) {
		Map<String, Map<String, Integer>> people = new TreeMap<>();
		letters.forEach((letter, count) -> people.computeIfAbsent(recipient(letter), (key) -> new TreeMap<>())
			.put(letter.substring(0, letter.indexOf(' ')), count));
		return people.values().stream().map(Map::toString).sorted().toList();
	}

	private static String recipient(String letter) {
		return letter.substring(letter.indexOf(' ') + 1);
	}

	private static List<String> addresses(Partner partner, Predicate<Partner.Person> which) {
		return partner.contacts()
			.stream()
			.filter(which)
			.map((person) -> person.address().toString())
			.collect(Collectors.toCollection(ArrayList::new));
	}

	static Map<String, Integer> count(Collection<String> texts) {
		Map<String, Integer> counts = new TreeMap<>();
		texts.forEach((text) -> counts.merge(text, 1, Integer::sum));
		return counts;
	}

	/** Adds a sentence when it is not as it should be. */
	static void differ(String what, @Nullable Object expected, @Nullable Object found, List<String> wrong) {
		if (expected instanceof Map<?, ?> one && found instanceof Map<?, ?> other) {
			Set<Object> keys = new HashSet<>(one.keySet());
			keys.addAll(other.keySet());
			keys.forEach((key) -> differ(what + ", " + key, (Object) one.get(key), other.get(key), wrong));
		}
		else if (!Objects.equals(expected, found)) {
			wrong.add(what + " should be " + expected + " and is " + found);
		}
	}

}
