package org.partnertls.onboarding;

import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Version;
import org.jspecify.annotations.Nullable;
import org.partnertls.connector.TlsLevel;
import org.partnertls.organization.Ids;

/**
 * One pass of the task list: what a partner states about their own servers, and what we
 * decided on it.
 */
@Entity
class Attestation {

	@Id
	private UUID id;

	@Version
	private long version;

	private UUID partnerId;

	@Enumerated(EnumType.STRING)
	private Kind kind;

	@Enumerated(EnumType.STRING)
	private State state;

	private String nonce;

	@Convert(converter = StoredAnswers.class)
	private Answers answers;

	@Enumerated(EnumType.STRING)
	private TlsLevel level;

	private @Nullable String tlsDomain;

	@Convert(converter = StoredChoices.class)
	private Choices choices;

	private UUID shapedBy;

	private String shapedByName;

	private Instant openedAt;

	private @Nullable UUID basisId;

	private String scope;

	@Enumerated(EnumType.STRING)
	private Opener openedBy;

	private String openedName;

	private @Nullable String openedWhy;

	private @Nullable String difference;

	private @Nullable Instant ourProofAt;

	private @Nullable String ourProof;

	private @Nullable String held;

	private @Nullable Instant submittedAt;

	private @Nullable Instant decidedAt;

	private @Nullable String comment;

	private @Nullable String commentTask;

	private Instant changedAt;

	private String changedBy;

	private String changedWhat;

	protected Attestation() {
	}

	/**
	 * Opens the task list for a partner.
	 * @param nonce makes the address for its test message
	 * @param shapedBy the internal person who invited
	 */
	Attestation(UUID partnerId, Kind kind, String nonce, UUID shapedBy, String shapedByName, Instant now) {
		this.id = Ids.at(now);
		this.partnerId = partnerId;
		this.kind = kind;
		this.state = State.OPEN;
		this.nonce = nonce;
		this.answers = Answers.NONE;
		this.level = TlsLevel.CERTIFICATE_VALIDATION;
		this.choices = Choices.USUAL;
		this.shapedBy = shapedBy;
		this.shapedByName = shapedByName;
		this.openedAt = now;
		this.scope = "";
		this.openedBy = Opener.STAFF;
		this.openedName = shapedByName;
		changed(shapedByName, "opened it", now);
	}

	/**
	 * Opens a pass after another, with what was answered there.
	 * @param opening who does and what for
	 */
	Attestation(Attestation basis, Kind kind, String nonce, Opening opening, Instant now) {
		this(basis.partnerId, kind, nonce, basis.shapedBy, basis.shapedByName, now);
		this.basisId = basis.id;
		this.answers = basis.answers.again();
		this.level = basis.level;
		this.tlsDomain = basis.tlsDomain;
		this.choices = basis.choices;
		open(opening, now);
	}

	/** The same where no pass came before: connectors that were taken over. */
	Attestation(UUID partnerId, Kind kind, String nonce, UUID shapedBy, String shapedByName, Opening opening,
			Instant now) {
		this(partnerId, kind, nonce, shapedBy, shapedByName, now);
		open(opening, now);
	}

	private void open(Opening opening, Instant now) {
		this.openedBy = opening.by();
		this.openedName = opening.name();
		this.openedWhy = opening.why();
		this.difference = opening.difference();
		this.scope = String.join(",", new TreeSet<>(opening.scope()));
		if (opening.staff() != null) {
			this.shapedBy = opening.staff();
			this.shapedByName = opening.name();
		}
		changed(opening.name(), "opened it", now);
	}

	/** What the connectors demand now, which may be other than when the basis was. */
	void startFrom(TlsLevel chosen, @Nullable String domain, Choices further) {
		this.level = chosen;
		this.tlsDomain = domain;
		this.choices = further;
	}

	/** Whether nobody has decided anything about it, or chosen what is demanded. */
	boolean isUnchosen() {
		return (isEditable() || this.state == State.SUBMITTED) && this.level == TlsLevel.CERTIFICATE_VALIDATION
				&& this.choices.equals(Choices.USUAL);
	}

	/**
	 * More tasks belong to it, or, in a re-certification, the first ones: something has
	 * changed.
	 */
	void widen(Collection<String> tasks, String by, String what, Instant now) {
		requireEditable();
		Set<String> all = new TreeSet<>(scope());
		all.addAll(tasks);
		this.scope = String.join(",", all);
		changed(by, what, now);
	}

	/** A check of mail servers saw something that belongs to it. */
	void note(String key, String words, Instant now) {
		this.difference = key;
		this.openedWhy = (this.openedWhy != null) ? this.openedWhy + "\n" + words : words;
		changed("The TLS check", "saw something", now);
	}

	/** A change that is at work when the yearly proof falls due becomes part of it. */
	void becomeRecertification(Instant now) {
		requireEditable();
		if (this.kind != Kind.CHANGE) {
			throw new IllegalStateException("only a change becomes a re-certification");
		}
		this.kind = Kind.RECERTIFICATION;
		changed("The portal", "made it part of the re-certification", now);
	}

	/** How the validation of our own connectors ended. */
	void ourSide(@Nullable Instant provenAt, String words) {
		this.ourProofAt = provenAt;
		this.ourProof = words;
	}

	/** The portal does not approve it by itself: a person has to look. */
	void hold(String why) {
		if (this.state != State.SUBMITTED) {
			throw new IllegalStateException("what is " + this.state + " waits for nobody");
		}
		this.held = why;
	}

	/** Closed without a decision: a wrong proposal, or nothing changes after all. */
	void withdraw(String why, String by, Instant now) {
		this.state = this.state.to(State.WITHDRAWN);
		this.comment = why;
		this.decidedAt = now;
		changed(by, "closed it", now);
	}

	/** The partner answers a task. */
	void answer(Answers given, String by, String what, Instant now) {
		requireEditable();
		this.answers = given;
		changed(by, what, now);
	}

	/** The partner confirms and hands it in. */
	void submit(Answers.Confirmation confirmation, String by, Instant now) {
		this.state = this.state.to(State.SUBMITTED);
		this.answers = this.answers.confirmed(confirmation);
		this.submittedAt = now;
		this.held = null;
		this.ourProofAt = null;
		this.ourProof = null;
		this.comment = null;
		this.commentTask = null;
		changed(by, "handed it in", now);
	}

	/** We give it back with a comment at one task. */
	void giveBack(String words, String task, String by, Instant now) {
		this.state = this.state.to(State.RETURNED);
		this.comment = words;
		this.commentTask = task;
		changed(by, "returned it", now);
	}

	/** We approve it; from now on it is frozen. */
	void approve(String by, Instant now) {
		this.state = this.state.to(State.APPROVED);
		this.decidedAt = now;
		changed(by, "approved it", now);
	}

	/** We decide against it. */
	void reject(String words, String by, Instant now) {
		this.state = this.state.to(State.REJECTED);
		this.decidedAt = now;
		this.comment = words;
		changed(by, "rejected it", now);
	}

	/**
	 * A reviewer chooses other settings, which makes them its last editor: they may not
	 * approve it any more.
	 */
	void choose(TlsLevel chosen, @Nullable String domain, Choices more, UUID editor, String editorName, Instant now) {
		if (this.state != State.SUBMITTED) {
			throw new IllegalStateException("the level is chosen in review");
		}
		this.level = chosen;
		this.tlsDomain = domain;
		this.choices = more;
		this.shapedBy = editor;
		this.shapedByName = editorName;
		changed(editorName, "chose other settings", now);
	}

	/** Starts from what the organisation answered when it was a partner before. */
	void startFrom(Answers before) {
		requireEditable();
		this.answers = before.forAnotherTime();
	}

	/**
	 * Names nobody of the partner any more; what was stated stays. Words that people
	 * wrote freely may name somebody, so they go.
	 */
	void reduce() {
		this.answers = this.answers.withoutNames();
		this.changedBy = "Somebody";
		this.comment = null;
		if (this.openedBy == Opener.PARTNER) {
			this.openedName = "Somebody";
		}
		if (this.openedBy != Opener.PORTAL) {
			this.openedWhy = null;
		}
	}

	/** Whether the partner may still change answers. */
	public boolean isEditable() {
		return this.state == State.OPEN || this.state == State.RETURNED;
	}

	/** Whether it is still with the partner or with us. */
	public boolean isLiving() {
		return isEditable() || this.state == State.SUBMITTED;
	}

	/**
	 * A re-certification of which the partner says that nothing has changed: one page.
	 */
	public boolean isOnePage() {
		return this.kind == Kind.RECERTIFICATION && this.basisId != null && this.scope.isEmpty();
	}

	/** Whether the portal itself looks at it first, and has not done so yet. */
	public boolean isBeingChecked() {
		return this.state == State.SUBMITTED && isOnePage() && this.held == null;
	}

	/** Whether a task belongs to it. */
	boolean isAbout(String task) {
		return (this.scope.isEmpty() && !isOnePage()) || scope().contains(task);
	}

	/** The tasks that it is about; empty: all. */
	public Set<String> scope() {
		return this.scope.isEmpty() ? Set.of() : new TreeSet<>(Arrays.asList(this.scope.split(",", -1)));
	}

	private void requireEditable() {
		if (!isEditable()) {
			throw new IllegalStateException("answers are frozen in state " + this.state);
		}
	}

	private void changed(String by, String what, Instant now) {
		this.changedBy = by;
		this.changedWhat = what;
		this.changedAt = now;
	}

	public UUID id() {
		return this.id;
	}

	public long version() {
		return this.version;
	}

	public UUID partnerId() {
		return this.partnerId;
	}

	public Kind kind() {
		return this.kind;
	}

	public State state() {
		return this.state;
	}

	public String nonce() {
		return this.nonce;
	}

	public Answers answers() {
		return this.answers;
	}

	public TlsLevel level() {
		return this.level;
	}

	public @Nullable String tlsDomain() {
		return this.tlsDomain;
	}

	public Choices choices() {
		return this.choices;
	}

	public UUID shapedBy() {
		return this.shapedBy;
	}

	public String shapedByName() {
		return this.shapedByName;
	}

	public Instant openedAt() {
		return this.openedAt;
	}

	public @Nullable UUID basisId() {
		return this.basisId;
	}

	public Opener openedBy() {
		return this.openedBy;
	}

	public String openedName() {
		return this.openedName;
	}

	/** What for, in words. */
	public @Nullable String openedWhy() {
		return this.openedWhy;
	}

	@Nullable String difference() {
		return this.difference;
	}

	/** When our own side was proven in this pass; null: it was not, or not yet. */
	public @Nullable Instant ourProofAt() {
		return this.ourProofAt;
	}

	public @Nullable String ourProof() {
		return this.ourProof;
	}

	public @Nullable String held() {
		return this.held;
	}

	/** Who approved it; null: nobody has. */
	public @Nullable String approvedBy() {
		return (this.state == State.APPROVED) ? this.changedBy : null;
	}

	public @Nullable Instant decidedAt() {
		return this.decidedAt;
	}

	public @Nullable Instant submittedAt() {
		return this.submittedAt;
	}

	public @Nullable String comment() {
		return this.comment;
	}

	public @Nullable String commentTask() {
		return this.commentTask;
	}

	public Instant changedAt() {
		return this.changedAt;
	}

	/** Who changed it last and how, for a page that has become stale. */
	public String lastChange() {
		return this.changedBy + " " + this.changedWhat;
	}

	/** What a pass is for. */
	enum Kind {

		/** Everything for the first time. */
		FIRST("First pass"),
		/** Something changes in between. */
		CHANGE("Change"),
		/** Both sides confirm and prove again. */
		RECERTIFICATION("Re-certification");

		private final String words;

		Kind(String words) {
			this.words = words;
		}

		public String words() {
			return this.words;
		}

	}

	/** Who can open a pass. */
	enum Opener {

		PARTNER, STAFF, PORTAL

	}

	/**
	 * How a pass after the first is opened.
	 *
	 * @param by by which side
	 * @param name who, for people
	 * @param staff the colleague's account, who has shaped it then; null: nobody of us
	 * @param why what for, in words
	 * @param scope which tasks it is about; none: all, or none in a re-certification
	 * @param difference what a check of mail servers saw, as a key; null: nothing
	 */
	record Opening(Opener by, String name, @Nullable UUID staff, @Nullable String why, Set<String> scope,
			@Nullable String difference) {

		/** The portal by itself. */
		static Opening byPortal(@Nullable String why) {
			return new Opening(Opener.PORTAL, "The portal", null, why, Set.of(), null);
		}

	}

	/** Where a pass stands. */
	enum State {

		/** The partner works on it. */
		OPEN,
		/** It waits for review. */
		SUBMITTED,
		/** We approved it. */
		APPROVED,
		/** The partner has to look at it again. */
		RETURNED,
		/** We decided against it. */
		REJECTED,
		/** It was closed without a decision. */
		WITHDRAWN;

		/** The state as people read it. */
		public String words() {
			return switch (this) {
				case OPEN -> "With the partner";
				case SUBMITTED -> "Waiting for review";
				case APPROVED -> "Approved";
				case RETURNED -> "Returned to the partner";
				case REJECTED -> "Rejected";
				case WITHDRAWN -> "Closed without a decision";
			};
		}

		/** How a page colours it. */
		public String tone() {
			return switch (this) {
				case OPEN, SUBMITTED, RETURNED -> "wait";
				case APPROVED -> "good";
				case REJECTED -> "bad";
				case WITHDRAWN -> "idle";
			};
		}

		/**
		 * The next state.
		 * @throws IllegalStateException when there is no way from here to there
		 */
		State to(State next) {
			boolean allowed = switch (this) {
				case OPEN, RETURNED -> next == SUBMITTED || next == WITHDRAWN;
				case SUBMITTED -> next == APPROVED || next == RETURNED || next == REJECTED || next == WITHDRAWN;
				case APPROVED, REJECTED, WITHDRAWN -> false;
			};
			if (!allowed) {
				throw new IllegalStateException("an attestation does not go from " + this + " to " + next);
			}
			return next;
		}

	}

}
