package org.partnertls.onboarding;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.partnertls.account.Directory;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.connector.ChangeView;
import org.partnertls.connector.Connectors;
import org.partnertls.header.TestMailbox;
import org.partnertls.organization.DomainName;
import org.partnertls.partner.Partner;
import org.partnertls.partner.PartnerChanged;
import org.partnertls.partner.PartnerEvent;
import org.partnertls.partner.Partners;
import org.partnertls.partner.Partnership;
import org.partnertls.tlscheck.TlsWatch;
import org.partnertls.tlscheck.TlsWatchEvent;
import org.partnertls.tlscheck.WatchedDomain;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The passes after the first: opened by either side or by what a check saw, about the
 * tasks that are affected. A partner has one living pass at a time; what comes up
 * meanwhile becomes part of it. Connectors stay as they are until a pass is approved and
 * pushed.
 */
@Component
@Transactional
class Passes {

	private static final SecureRandom RANDOM = new SecureRandom();

	/** What a move of mail servers may touch. */
	private static final Set<String> SERVERS = Set.of("receiving", "sending", "setup");

	private final Partners partners;

	private final Attestations attestations;

	private final Onboarding onboarding;

	private final Connectors connectors;

	private final Directory directory;

	private final TlsWatch watch;

	private final AuditLog audit;

	private final Clock clock;

	Passes(Partners partners, Attestations attestations, Onboarding onboarding, Connectors connectors,
			Directory directory, TlsWatch watch, AuditLog audit, Clock clock) {
		this.partners = partners;
		this.attestations = attestations;
		this.onboarding = onboarding;
		this.connectors = connectors;
		this.directory = directory;
		this.watch = watch;
		this.audit = audit;
		this.clock = clock;
	}

	/** The pass that is under way, if there is one. */
	Optional<Attestation> living(UUID partnerId) {
		return this.attestations.findLatest(partnerId).filter(Attestation::isLiving);
	}

	/** All passes of a partner, newest first. */
	@Transactional(readOnly = true)
	List<Attestation> of(UUID partnerId) {
		return this.attestations.findOfPartner(partnerId);
	}

	/**
	 * The partner says that something changes at their side.
	 * @return why not, in words; null: it is open
	 */
	@Nullable String openChange(SignedIn person, Set<WhatChanges> what, @Nullable String words) {
		Partner partner = this.partners.find(person.requirePartner()).orElseThrow(NotFound::new);
		String obstacle = obstacle(partner);
		if (obstacle != null) {
			return obstacle;
		}
		Attestation opened = open(partner, Attestation.Kind.CHANGE, new Attestation.Opening(Attestation.Opener.PARTNER,
				person.name(), null, why(what, words), tasks(what), null), null);
		this.onboarding.tellOwner(partner, "change-opened", "/reviews/" + opened.id(),
				String.valueOf(opened.openedWhy()));
		return null;
	}

	/** One of us asks a partner for a change; whoever does has shaped it. */
	@Nullable String openChange(UUID partnerId, SignedIn colleague, Set<WhatChanges> what, @Nullable String words) {
		Partner partner = this.partners.find(partnerId).orElseThrow(NotFound::new);
		String obstacle = obstacle(partner);
		if (obstacle != null) {
			return obstacle;
		}
		Attestation opened = open(partner, Attestation.Kind.CHANGE, new Attestation.Opening(Attestation.Opener.STAFF,
				colleague.name(), colleague.id(), why(what, words), tasks(what), null), null);
		this.onboarding.tellPartner(partner, "change-asked", "/tasks", false,
				colleague.name() + ": " + opened.openedWhy());
		return null;
	}

	private @Nullable String obstacle(Partner partner) {
		if (partner.state() != Partnership.State.ACTIVE) {
			return "Only an active partnership is changed this way; this one is "
					+ partner.state().words().toLowerCase(java.util.Locale.ROOT) + ".";
		}
		return living(partner.id())
			.map((living) -> "There is a " + living.kind().words().toLowerCase(java.util.Locale.ROOT)
					+ " under way already, opened by " + living.openedName() + ". Finish or close that one first.")
			.orElse(null);
	}

	private static String why(Set<WhatChanges> what, @Nullable String words) {
		String list = what.stream().map(WhatChanges::words).collect(Collectors.joining("; "));
		return (words == null || words.isBlank()) ? list : list + ": " + words.strip();
	}

	private static Set<String> tasks(Set<WhatChanges> what) {
		Set<String> tasks = new LinkedHashSet<>();
		what.forEach((one) -> tasks.addAll(one.tasks()));
		return tasks;
	}

	/** Opens a pass that builds on the one in force, by what the connectors are now. */
	Attestation open(Partner partner, Attestation.Kind kind, Attestation.Opening opening, @Nullable Actor by) {
		Instant now = this.clock.instant();
		String nonce = TestMailbox.newNonce(RANDOM);
		Attestation opened = this.attestations.findInForce(partner.id())
			.map((basis) -> new Attestation(basis, kind, nonce, opening, now))
			.orElseGet(() -> new Attestation(partner.id(), kind, nonce, partner.invitedBy(),
					this.directory.find(partner.invitedBy()).map(Directory.Person::name).orElse("A colleague"), opening,
					now));
		this.connectors.lastWanted(partner.id())
			.ifPresent((wanted) -> opened.startFrom(wanted.tlsLevel(), wanted.tlsDomain(), Choices.of(wanted)));
		this.attestations.save(opened);
		Act act = Onboarding
			.about(Act.of((kind == Attestation.Kind.CHANGE) ? "attestation.change-opened"
					: "attestation.recertification-opened"), partner, opened)
			.detail("by", opening.by())
			.detail("tasks", opened.scope().isEmpty() ? "all" : String.join(", ", opened.scope()))
			.reason(opening.why());
		this.audit.append((by != null) ? act.by(by) : act);
		return opened;
	}

	/** In a re-certification: these have changed. */
	@Nullable String choose(SignedIn person, long seen, Set<WhatChanges> what) {
		Attestation attestation = this.onboarding.of(person).attestation();
		String stale = this.onboarding.stale(attestation, seen);
		if (stale != null) {
			return stale;
		}
		if (attestation.kind() == Attestation.Kind.FIRST) {
			return "Your task list has all tasks.";
		}
		attestation.widen(tasks(what), person.name(), "said what has changed", this.clock.instant());
		this.attestations.save(attestation);
		this.audit.append(Onboarding
			.about(Act.of("attestation.scope-chosen"), this.onboarding.partnerOf(attestation), attestation)
			.detail("tasks", String.join(", ", attestation.scope())));
		return null;
	}

	/** A domain leaves the connectors with this pass, or stays after all. */
	@Nullable String retire(SignedIn person, long seen, UUID domainId, boolean leaves) {
		Onboarding.Pass pass = this.onboarding.of(person);
		Attestation attestation = pass.attestation();
		String stale = this.onboarding.stale(attestation, seen);
		if (stale != null) {
			return stale;
		}
		DomainName domain = pass.partner().domain(domainId).orElseThrow(NotFound::new).name();
		Answers wished = attestation.answers().retiring(domainId, leaves).answered("domains");
		if (leaves && pass.partner()
			.domains()
			.stream()
			.allMatch((one) -> wished.retiring().contains(one.id()) || one.proof() == Partner.Proof.UNPROVEN)) {
			return "One domain has to stay. To end the partnership, write to us.";
		}
		if (leaves && pass.partner()
			.contacts(org.partnertls.partner.ContactRole.TECHNICAL)
			.stream()
			.anyMatch((contact) -> contact.address().domain().equals(domain))) {
			return "A technical contact is reached in " + domain.display()
					+ ". Give that person an address in another of your mail domains first.";
		}
		attestation.answer(wished, person.name(), (leaves ? "said that " + domain + " leaves" : "kept " + domain),
				this.clock.instant());
		this.attestations.save(attestation);
		this.audit.append(Onboarding.about(Act.of("attestation.answered"), pass.partner(), attestation)
			.domain(domain)
			.detail("answer", leaves ? "the domain leaves" : "the domain stays"));
		return null;
	}

	/**
	 * The partner closes a change that they opened: nothing changes after all.
	 */
	@Nullable String close(SignedIn person, long seen) {
		Attestation attestation = this.onboarding.of(person).attestation();
		String stale = this.onboarding.stale(attestation, seen);
		if (stale != null) {
			return stale;
		}
		if (attestation.openedBy() != Attestation.Opener.PARTNER || attestation.kind() != Attestation.Kind.CHANGE) {
			return "We have opened this one. Write to us if it is wrong, and we close it.";
		}
		Partner partner = this.onboarding.partnerOf(attestation);
		withdraw(partner, attestation, "Nothing changes after all.", person.name(), null);
		this.onboarding.tellOwner(partner, "change-closed", "/reviews/" + attestation.id(),
				"Nothing changes after all, says " + person.name() + ".");
		return null;
	}

	/** One of us closes a change, such as a proposal that was wrong, and says why. */
	Review.Outcome close(UUID id, SignedIn colleague, long seen, String why) {
		Attestation attestation = this.attestations.findById(id).orElseThrow(NotFound::new);
		if (attestation.version() != seen || !attestation.isLiving()) {
			return new Review.Outcome(false,
					"Meanwhile " + attestation.lastChange() + ". Look at it again before you decide.");
		}
		if (attestation.kind() != Attestation.Kind.CHANGE) {
			return new Review.Outcome(false, "Only a change is closed; put a re-certification off instead.");
		}
		Partner partner = this.onboarding.partnerOf(attestation);
		withdraw(partner, attestation, why, colleague.name(), null);
		this.onboarding.tellPartner(partner, "change-closed", "/partnership", false, why);
		return new Review.Outcome(true, "Closed. " + partner.name() + " is told why; nothing changes.");
	}

	/** A change that nobody goes on with is closed; both sides are told. */
	@Transactional(propagation = Propagation.MANDATORY)
	void expire(Partner partner, Attestation attestation, String why) {
		withdraw(partner, attestation, why, "The portal", Actor.system("onboarding"));
		this.onboarding.tellPartner(partner, "change-closed", "/partnership", false, why);
		this.onboarding.tellOwner(partner, "change-closed", "/reviews/" + attestation.id(), why);
	}

	private void withdraw(Partner partner, Attestation attestation, String why, String by, @Nullable Actor actor) {
		// Before it is over: what is proven and waits would open a change of its own.
		dropUnproven(partner, attestation);
		Attestation.State before = attestation.state();
		attestation.withdraw(why, by, this.clock.instant());
		this.attestations.save(attestation);
		this.connectors.ofAttestation(attestation.id())
			.filter(ChangeView::isWaitingForApproval)
			.ifPresent((change) -> this.connectors.revoke(change.id(), why));
		Act act = Onboarding.about(Act.of("attestation.withdrawn"), partner, attestation)
			.change("state", before, attestation.state())
			.reason(why);
		this.audit.append((actor != null) ? act.by(actor) : act);
	}

	/** Domains that came with a change and were never proven go with it. */
	private void dropUnproven(Partner partner, Attestation attestation) {
		if (attestation.kind() != Attestation.Kind.CHANGE || !partner.state().isLiving()) {
			return;
		}
		Set<DomainName> enforced = this.onboarding.enforced(partner);
		partner.domains()
			.stream()
			.filter((domain) -> domain.proof() == Partner.Proof.UNPROVEN
					&& !domain.askedAt().isBefore(attestation.openedAt()) && !enforced.contains(domain.name()))
			.forEach((domain) -> this.partners.removeDomain(partner.id(), domain.id()));
	}

	/** A partnership that is over has nothing under way. */
	private void endWhatIsUnderWay(Partner partner) {
		living(partner.id()).ifPresent((living) -> withdraw(partner, living, "The partnership is over.", "The portal",
				Actor.system("onboarding")));
	}

	/**
	 * A check saw other mail servers than those approved: the partner is asked, once for
	 * the same difference. What is under way already is made to be about it too.
	 */
	@Transactional(propagation = Propagation.MANDATORY)
	void propose(Partner partner, TlsWatchEvent.Differs differs) {
		propose(partner, differs.domain(), String.join(" ", differs.changes()));
	}

	private void propose(Partner partner, DomainName domain, String changes) {
		if (partner.state() != Partnership.State.ACTIVE) {
			return;
		}
		String words = domain.display() + ": " + changes;
		Instant since = this.attestations.findInForce(partner.id()).map(Attestation::decidedAt).orElse(Instant.EPOCH);
		if (this.attestations.isProposed(partner.id(), words, since)) {
			return;
		}
		Actor check = Actor.system("tls-check");
		Optional<Attestation> living = living(partner.id());
		if (living.isPresent()) {
			Attestation attestation = living.get();
			attestation.note(words, words, this.clock.instant());
			if (attestation.isEditable()) {
				attestation.widen(SERVERS, "The TLS check", "saw other mail servers", this.clock.instant());
			}
			this.attestations.save(attestation);
			this.audit.append(Onboarding.about(Act.of("attestation.difference-noted"), partner, attestation)
				.by(check)
				.domain(domain)
				.detail("difference", words));
			if (!attestation.isEditable()) {
				return;
			}
		}
		else {
			open(partner, Attestation.Kind.CHANGE,
					new Attestation.Opening(Attestation.Opener.PORTAL, "The TLS check", null, words, SERVERS, words),
					check);
		}
		this.onboarding.tellPartner(partner, "change-proposed", "/tasks", false, words);
	}

	/** What a check saw during a suspension was told once: the partner is asked now. */
	@EventListener
	void on(PartnerEvent.Resumed event) {
		Partner partner = this.partners.find(event.partnerId()).orElseThrow(NotFound::new);
		for (WatchedDomain watched : this.watch.ofPartner(partner.id())) {
			if (watched.difference() != null) {
				// What it does to our connectors stands in a line of its own.
				propose(partner, watched.domain(), watched.difference().lines().findFirst().orElse(""));
			}
		}
	}

	/**
	 * A domain that a change has left behind is proven now: it gets a change of its own.
	 * One that was proven when somebody closed or rejected its change waits for the next.
	 * And what is under way ends with the partnership.
	 */
	@EventListener
	void on(PartnerChanged event) {
		Partner partner = this.partners.find(event.partnerId()).orElseThrow(NotFound::new);
		if (!partner.state().isLiving()) {
			endWhatIsUnderWay(partner);
			return;
		}
		Set<DomainName> enforced = this.onboarding.enforced(partner);
		Optional<Attestation> latest = this.attestations.findLatest(partner.id());
		if (partner.state() != Partnership.State.ACTIVE || enforced.isEmpty()
				|| latest.filter(Attestation::isLiving).isPresent()) {
			return;
		}
		Instant decided = latest.map(Attestation::decidedAt).orElse(Instant.EPOCH);
		List<String> late = partner.domains()
			.stream()
			.filter((domain) -> domain.countsSince(decided) && !enforced.contains(domain.name()))
			.map((domain) -> domain.name().display())
			.toList();
		if (!late.isEmpty()) {
			String why = "Proven now and not in our connectors yet: " + String.join(", ", late) + ".";
			open(partner, Attestation.Kind.CHANGE, new Attestation.Opening(Attestation.Opener.PORTAL, "The portal",
					null, why, WhatChanges.DOMAINS.tasks(), null), Actor.system("onboarding"));
			this.onboarding.tellPartner(partner, "change-asked", "/tasks", false, why);
		}
	}

	/** What can change at a partner's side, and the tasks that it touches. */
	enum WhatChanges {

		/** Domains come or go. */
		DOMAINS("A mail domain or sub-domain is added or retired"),
		/** Mail is handled elsewhere. */
		PROVIDER("Another mail provider, gateway or server"),
		/** They send from elsewhere. */
		SENDING("New sending addresses, or another name in the sending certificate"),
		/** What they stated. */
		STATEMENTS("What we confirmed about our server is different now");

		private final String words;

		WhatChanges(String words) {
			this.words = words;
		}

		public String words() {
			return this.words;
		}

		Set<String> tasks() {
			return switch (this) {
				case DOMAINS -> Set.of("domains", "receiving");
				case PROVIDER -> SERVERS;
				case SENDING -> Set.of("sending");
				case STATEMENTS -> Set.of("setup");
			};
		}

	}

}
