package org.partnertls.onboarding;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.partnertls.account.Directory;
import org.partnertls.account.Role;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.connector.Connectors;
import org.partnertls.connector.TlsLevel;
import org.partnertls.connector.Wanted;
import org.partnertls.header.TestMailbox;
import org.partnertls.mail.Letter;
import org.partnertls.mail.MailProperties;
import org.partnertls.mail.Outbox;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.Partners;
import org.partnertls.partner.Partner.Domain;
import org.partnertls.partner.Partner;
import org.partnertls.tlscheck.Finding;
import org.partnertls.tlscheck.TlsCheck;
import org.partnertls.tlscheck.TlsChecks;
import org.partnertls.tlscheck.Verdict;

import org.springframework.security.access.AccessDeniedException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * A partner's pass through the task list: where the partner, the attestation, the checks
 * and the letters meet.
 */
@Component
@Transactional
class Onboarding {

	private static final SecureRandom RANDOM = new SecureRandom();

	/** What is about the task list alone. */
	private static final Set<String> TASKS = Set.of("returned", "reminded");

	/** What changes how mail travels, or whether it does. */
	private static final Set<String> BUSINESS = Set.of("announced", "enforced", "relieved", "relief-ended", "suspended",
			"switched-off", "resumed", "ended", "rejected", "tls-failing");

	private final Partners partners;

	private final Attestations attestations;

	private final Proofs proofs;

	private final TlsChecks checks;

	private final Directory directory;

	private final Connectors connectors;

	private final Outbox outbox;

	private final MailProperties mail;

	private final OrganizationProperties organization;

	private final OurNames names;

	private final AuditLog audit;

	private final Clock clock;

	Onboarding(Partners partners, Attestations attestations, Proofs proofs, TlsChecks checks, Directory directory,
			Connectors connectors, Outbox outbox, MailProperties mail, OrganizationProperties organization,
			OurNames names, AuditLog audit, Clock clock) {
		this.partners = partners;
		this.attestations = attestations;
		this.proofs = proofs;
		this.checks = checks;
		this.directory = directory;
		this.connectors = connectors;
		this.outbox = outbox;
		this.mail = mail;
		this.organization = organization;
		this.names = names;
		this.audit = audit;
		this.clock = clock;
	}

	/**
	 * The signed-in partner's pass; opened at their first visit.
	 */
	Pass of(SignedIn person) {
		UUID id = person.requirePartner();
		this.partners.opened(id);
		Partner partner = this.partners.find(id)
			.orElseThrow(() -> new AccessDeniedException("the partner of this account is gone"));
		Attestation attestation = this.attestations.findLatest(id).orElseGet(() -> open(partner));
		return pass(partner, attestation);
	}

	/** A pass as staff see it. */
	@Transactional(readOnly = true)
	Optional<Pass> find(UUID attestationId) {
		return this.attestations.findById(attestationId).flatMap(this::passOf);
	}

	/** The latest pass of a partner, if it has begun. */
	@Transactional(readOnly = true)
	Optional<Pass> latest(UUID partnerId) {
		return this.attestations.findLatest(partnerId).flatMap(this::passOf);
	}

	private Optional<Pass> passOf(Attestation attestation) {
		return this.partners.find(attestation.partnerId()).map((partner) -> pass(partner, attestation));
	}

	private Pass pass(Partner partner, Attestation attestation) {
		List<Proof> seen = this.proofs.findLatest(attestation.id());
		return new Pass(partner, attestation, TaskList.of(partner, attestation, checked(partner), seen), seen);
	}

	private Attestation open(Partner partner) {
		Instant now = this.clock.instant();
		String inviter = this.directory.find(partner.invitedBy()).map(Directory.Person::name).orElse("A colleague");
		Attestation attestation = this.attestations.save(new Attestation(partner.id(), Attestation.Kind.FIRST,
				TestMailbox.newNonce(RANDOM), partner.invitedBy(), inviter, now));
		UUID before = partner.returnsFrom();
		if (before != null) {
			this.attestations.findLatest(before).ifPresent((earlier) -> attestation.startFrom(earlier.answers()));
		}
		startFromWhatStands(partner, attestation);
		this.audit.append(about(Act.of("attestation.opened"), partner, attestation));
		return attestation;
	}

	/**
	 * Connectors were taken over: the first pass demands what they do, and a trusted
	 * certificate at least, unless a reviewer has chosen already.
	 */
	void takenOver(Partner partner) {
		this.attestations.findLatest(partner.id())
			.filter(Attestation::isUnchosen)
			.ifPresent((attestation) -> startFromWhatStands(partner, attestation));
	}

	private void startFromWhatStands(Partner partner, Attestation attestation) {
		if (hasConnectors(partner)) {
			this.connectors.lastWanted(partner.id()).ifPresent((wanted) -> {
				boolean weak = wanted.tlsLevel() == TlsLevel.ENCRYPTION_ONLY;
				attestation.startFrom(weak ? TlsLevel.CERTIFICATE_VALIDATION : wanted.tlsLevel(), wanted.tlsDomain(),
						Choices.of(wanted));
				this.attestations.save(attestation);
			});
		}
	}

	/**
	 * Takes an answer.
	 * @param seen the version that the page was made from
	 * @return a sentence about who changed it meanwhile; null when the answer was taken
	 */
	@Nullable String answer(SignedIn person, long seen, String what, UnaryOperator<Answers> change) {
		Attestation attestation = of(person).attestation();
		String stale = stale(attestation, seen);
		if (stale != null) {
			return stale;
		}
		attestation.answer(change.apply(attestation.answers()), person.name(), what, this.clock.instant());
		this.attestations.save(attestation);
		this.audit
			.append(about(Act.of("attestation.answered"), partnerOf(attestation), attestation).detail("answer", what));
		return null;
	}

	/**
	 * Hands the pass in.
	 * @return why not, in words; null when it was handed in
	 */
	@Nullable String submit(SignedIn person, UUID attestationId, long seen, Answers.Confirmation confirmation) {
		Attestation attestation = this.attestations.findByIdAndPartnerId(attestationId, person.requirePartner())
			.orElseThrow(NotFound::new);
		if (!person.is(Role.PARTNER)) {
			return "A helper does tasks and cannot confirm. Ask a technical contact to.";
		}
		Pass pass = pass(partnerOf(attestation), attestation);
		String stale = stale(attestation, seen);
		if (stale != null) {
			return stale;
		}
		if (!TaskList.isReady(pass.tasks())) {
			return "Some tasks are still open: " + pass.tasks()
				.stream()
				.filter((task) -> !task.done() && !task.key().equals("check"))
				.map(TaskList.Task::title)
				.collect(Collectors.joining(", ")) + ".";
		}
		Attestation.State before = attestation.state();
		attestation.submit(confirmation, person.name(), this.clock.instant());
		this.attestations.save(attestation);
		Act act = about(Act.of("attestation.submitted"), pass.partner(), attestation)
			.change("state", before, attestation.state())
			.personal("confirmed-by", person.id(), confirmation.name() + ", " + confirmation.role());
		state(act, "requires-tls-to-us", confirmation.toUs());
		state(act, "refuses-clear-text-from-us", confirmation.fromUs());
		this.audit.append(act);
		this.names.confirmed(pass.partner().id());
		if (attestation.kind() == Attestation.Kind.RECERTIFICATION) {
			this.connectors.validateAgain(pass.partner().id());
		}
		if (!attestation.isBeingChecked()) {
			tellOwner(pass.partner(), "submitted", "/reviews/" + attestation.id());
		}
		return null;
	}

	/** A gap is an exception, with its end, its owner and its reason. */
	private static void state(Act act, String statement, Answers.Statement stated) {
		act.detail(statement, stated.choice());
		if (stated.until() != null) {
			act.detail(statement + "-until", stated.until());
		}
		act.personal(statement + "-reason", null, stated.reason()).personal(statement + "-owner", null, stated.owner());
	}

	@Nullable String stale(Attestation attestation, long seen) {
		if (!attestation.isEditable()) {
			return "This task list has been handed in, so its answers are fixed: " + attestation.lastChange() + ".";
		}
		return (attestation.version() != seen)
				? "Meanwhile " + attestation.lastChange() + ". Look at what is there now and send your answer again."
				: null;
	}

	Partner partnerOf(Attestation attestation) {
		return this.partners.find(attestation.partnerId()).orElseThrow(NotFound::new);
	}

	/** The latest check of each domain, those that have one. */
	@Transactional(readOnly = true)
	List<TlsCheck> checks(Partner partner) {
		return partner.domains().stream().map(Domain::name).map(this.checks::latest).flatMap(Optional::stream).toList();
	}

	/** What the partner's mail arrives at, as far as the latest checks tell. */
	Set<MailPlatform> seen(Partner partner) {
		Set<MailPlatform> seen = new TreeSet<>();
		for (TlsCheck check : checks(partner)) {
			if (check.report() != null) {
				seen.addAll(MailPlatform.seenIn(check.report()));
			}
		}
		return seen;
	}

	@Nullable String checked(Partner partner) {
		List<String> lines = new ArrayList<>();
		for (TlsCheck check : checks(partner)) {
			if (check.report() == null) {
				lines.add(check.domain() + ": being checked now");
				continue;
			}
			List<Finding> findings = Verdict.of(check.report()).findings();
			long bad = findings.stream().filter((one) -> one.severity() == Finding.Severity.FAIL).count();
			long unsure = findings.stream().filter((one) -> one.severity() == Finding.Severity.INCONCLUSIVE).count();
			lines.add(check.domain() + ": " + ((bad > 0) ? bad + " to mend"
					: (unsure > 0) ? "could not be checked completely" : "encryption works"));
		}
		return lines.isEmpty() ? null : String.join("; ", lines);
	}

	/** What the connectors should be, put together from what everybody knows. */
	Wanted wanted(Partner partner, Attestation attestation) {
		SortedSet<DomainName> domains = covered(partner, attestation);
		// What was approved beside the answers stays as it is, and so does what was taken
		// over.
		Wanted last = (attestation.kind() != Attestation.Kind.FIRST || hasConnectors(partner))
				? this.connectors.lastWanted(partner.id()).orElse(null) : null;
		return new Wanted(partner.id(), partner.name(), domains, attestation.level(), attestation.tlsDomain(),
				partner.contacts()
					.stream()
					.filter((contact) -> contact.role() != ContactRole.EMERGENCY)
					.map(Partner.Person::address)
					.filter((address) -> domains.contains(address.domain()))
					.limit(3)
					.toList(),
				attestation.choices().restriction(attestation.answers(), last), partner.reference())
			.with(attestation.choices().options(last, domains));
	}

	private boolean hasConnectors(Partner partner) {
		return this.connectors.partnerName(partner.id()).isPresent();
	}

	/**
	 * The domains that the connectors shall have: after the first pass, one whose proof
	 * is missing does not hold the others back.
	 */
	static SortedSet<DomainName> covered(Partner partner, Attestation attestation) {
		boolean first = attestation.kind() == Attestation.Kind.FIRST;
		return partner.domains()
			.stream()
			.filter((domain) -> first || domain.proof() != Partner.Proof.UNPROVEN)
			.filter((domain) -> !attestation.answers().retiring().contains(domain.id()))
			.map(Domain::name)
			.collect(Collectors.toCollection(TreeSet::new));
	}

	/** The domains that are in the connectors now, or will be when all is pushed. */
	@Transactional(readOnly = true)
	SortedSet<DomainName> enforced(Partner partner) {
		return this.connectors.lastWanted(partner.id()).map(Wanted::domains).orElseGet(TreeSet::new);
	}

	/** What is different from the pass that this one builds on, a sentence each. */
	@Transactional(readOnly = true)
	List<String> differences(Partner partner, Attestation attestation) {
		if (attestation.basisId() == null) {
			return List.of();
		}
		return this.attestations.findById(attestation.basisId())
			.map((basis) -> Differences.between(basis.answers(), attestation.answers(), enforced(partner),
					covered(partner, attestation)))
			.orElse(List.of());
	}

	/** What a partner's connectors rest on, if it is not the latest pass. */
	@Transactional(readOnly = true)
	Optional<Attestation> inForce(UUID partnerId) {
		return this.attestations.findInForce(partnerId);
	}

	/** The newest proof of one pass that counts. */
	@Transactional(readOnly = true)
	Optional<Proof> proofOf(UUID attestationId) {
		return this.proofs.findLatest(attestationId).stream().filter(Proof::proves).findFirst();
	}

	/** A partner's newest proof of any pass that counts. */
	@Transactional(readOnly = true)
	Optional<Proof> newestProof(UUID partnerId) {
		return this.proofs.findLatestOfPartner(partnerId)
			.stream()
			.filter(Proof::proves)
			.max(Comparator.comparing(Proof::at));
	}

	/** Tells one person of the partner. */
	void tell(Partner partner, Partner.Person contact, String template, String page, String words) {
		this.outbox.post(
				letter(partner, Letter.to(contact.address(), "partner-" + template), page).with("name", contact.name())
					.with("words", words));
	}

	/** Tells our owner of the relation. */
	void tellOwner(Partner partner, String template, String page) {
		tellOwner(partner, template, page, "");
	}

	/** The same, with words. */
	void tellOwner(Partner partner, String template, String page, String words) {
		this.outbox.post(letter(partner, Letter.to(partner.ownerAddress(), "owner-" + template), page)
			.with("name", partner.ownerName())
			.with("words", words));
	}

	/**
	 * Tells the partner's people, each once, and not only those behind the mail that may
	 * be failing. Who is there for business hears what changes for business.
	 * @return how many were told
	 */
	int tellPartner(Partner partner, String template, String page, boolean emergencyToo, String words) {
		Set<String> told = new HashSet<>();
		for (Partner.Person contact : partner.contacts()) {
			if (hears(contact.role(), template, emergencyToo) && told.add(contact.address().key())) {
				tell(partner, contact, template, page, words);
			}
		}
		return told.size();
	}

	private static boolean hears(ContactRole role, String template, boolean emergencyToo) {
		return switch (role) {
			case TECHNICAL, HELPER -> true;
			case SECURITY -> !TASKS.contains(template);
			case BUSINESS -> BUSINESS.contains(template);
			case EMERGENCY -> emergencyToo;
		};
	}

	/** Tells our compliance officers, where they have an address. */
	void tellCompliance(Partner partner, String template, String page, String words) {
		EmailAddress compliance = this.mail.compliance();
		if (compliance != null) {
			this.outbox
				.post(letter(partner, Letter.to(compliance, "compliance-" + template), page).with("words", words));
		}
	}

	private Letter letter(Partner partner, Letter letter, String page) {
		return letter.about(partner.id())
			.with("partner", partner.name())
			.with("reference", partner.reference())
			.with("owner", partner.ownerName())
			.with("domains",
					partner.domains()
						.stream()
						.map((domain) -> domain.name().display())
						.collect(Collectors.joining(", ")))
			.with("page", this.organization.link(page));
	}

	static Act about(Act act, Partner partner, Attestation attestation) {
		return act.on("attestation", attestation.id())
			.partner(partner.id(), partner.name())
			.domain(partner.domains().getFirst().name());
	}

	/**
	 * A pass with all that its pages show.
	 *
	 * @param partner who
	 * @param attestation their pass
	 * @param tasks computed from both
	 * @param proofs what test messages showed, newest first
	 */
	record Pass(Partner partner, Attestation attestation, List<TaskList.Task> tasks, List<Proof> proofs) {

		/** How many tasks are done. */
		public long done() {
			return this.tasks.stream().filter(TaskList.Task::done).count();
		}

		/** The newest proof that counts. */
		public @Nullable Proof proof() {
			return this.proofs.stream().filter(Proof::proves).findFirst().orElse(null);
		}

	}

}
