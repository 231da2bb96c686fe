package org.partnertls.onboarding;

import java.time.Instant;
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

	private UUID shapedBy;

	private String shapedByName;

	private Instant openedAt;

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
		this.shapedBy = shapedBy;
		this.shapedByName = shapedByName;
		this.openedAt = now;
		changed(shapedByName, "opened it", now);
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
	 * A reviewer chooses another TLS level, which makes them its last editor: they may
	 * not approve it any more.
	 */
	void choose(TlsLevel chosen, @Nullable String domain, UUID editor, String editorName, Instant now) {
		if (this.state != State.SUBMITTED) {
			throw new IllegalStateException("the level is chosen in review");
		}
		this.level = chosen;
		this.tlsDomain = domain;
		this.shapedBy = editor;
		this.shapedByName = editorName;
		changed(editorName, "chose another TLS level", now);
	}

	/** Starts from what the organisation answered when it was a partner before. */
	void startFrom(Answers before) {
		requireEditable();
		this.answers = before.forAnotherTime();
	}

	/** Names nobody of the partner any more; what was stated stays. */
	void reduce() {
		this.answers = this.answers.withoutNames();
		this.changedBy = "Somebody";
	}

	/** Whether the partner may still change answers. */
	public boolean isEditable() {
		return this.state == State.OPEN || this.state == State.RETURNED;
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

	public UUID shapedBy() {
		return this.shapedBy;
	}

	public String shapedByName() {
		return this.shapedByName;
	}

	public Instant openedAt() {
		return this.openedAt;
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

		FIRST, CHANGE, RECERTIFICATION

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
		REJECTED;

		/**
		 * The next state.
		 * @throws IllegalStateException when there is no way from here to there
		 */
		State to(State next) {
			boolean allowed = switch (this) {
				case OPEN, RETURNED -> next == SUBMITTED;
				case SUBMITTED -> next == APPROVED || next == RETURNED || next == REJECTED;
				case APPROVED, REJECTED -> false;
			};
			if (!allowed) {
				throw new IllegalStateException("an attestation does not go from " + this + " to " + next);
			}
			return next;
		}

	}

}
