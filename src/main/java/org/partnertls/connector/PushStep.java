package org.partnertls.connector;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import org.jspecify.annotations.Nullable;
import org.partnertls.exchange.Call;
import org.partnertls.organization.Ids;

/**
 * One step of a push. Whoever carries it out does so under a number; what somebody with
 * an older number has to report comes too late and counts for nothing.
 */
@Entity
@Table(name = "push_step")
class PushStep {

	private static final int LONGEST_DETAIL = 2000;

	@Id
	private UUID id;

	@Version
	private long version;

	private int seq;

	@Enumerated(EnumType.STRING)
	private StepKind kind;

	private String title;

	@Enumerated(EnumType.STRING)
	private State state;

	private long fence;

	private int tries;

	private @Nullable String requestId;

	private @Nullable Long durationMs;

	private @Nullable String detail;

	private @Nullable Instant startedAt;

	private @Nullable Instant endedAt;

	private @Nullable Instant notBefore;

	protected PushStep() {
	}

	PushStep(int seq, StepKind kind, String title, Instant now) {
		this.id = Ids.at(now);
		this.seq = seq;
		this.kind = kind;
		this.title = title;
		this.state = State.WAITING;
	}

	void start(long by, Instant now) {
		this.state = State.RUNNING;
		this.fence = by;
		this.startedAt = now;
		this.endedAt = null;
		this.notBefore = null;
	}

	/** It has not been tried after all. */
	void hold() {
		this.state = State.WAITING;
		this.startedAt = null;
	}

	/** Whether it may have had its effect. */
	boolean isTried() {
		return this.state == State.RUNNING || this.state == State.FAILED || this.tries > 0;
	}

	boolean isStartedBy(long by) {
		return this.state == State.RUNNING && this.fence == by;
	}

	void done(@Nullable Call call, @Nullable String words, Instant now) {
		this.state = State.DONE;
		end(call, words, now);
		this.notBefore = null;
		this.tries = 0;
	}

	void defer(@Nullable Call call, String words, Instant until, Instant now) {
		this.state = State.WAITING;
		end(call, words, now);
		this.notBefore = until;
		this.tries++;
	}

	/** Waits for an hour, without having been tried. */
	void due(Instant hour, String words) {
		this.notBefore = hour;
		this.detail = words;
	}

	void fail(@Nullable Call call, String words, Instant now) {
		this.state = State.FAILED;
		end(call, words, now);
	}

	void again() {
		this.state = State.WAITING;
		this.tries = 0;
		this.detail = null;
		this.notBefore = null;
	}

	private void end(@Nullable Call call, @Nullable String words, Instant now) {
		this.endedAt = now;
		this.startedAt = (this.startedAt != null) ? this.startedAt : now;
		this.detail = (words != null && words.length() > LONGEST_DETAIL) ? words.substring(0, LONGEST_DETAIL) : words;
		if (call != null) {
			this.requestId = call.requestId();
			this.durationMs = call.took().toMillis();
		}
	}

	int seq() {
		return this.seq;
	}

	StepKind kind() {
		return this.kind;
	}

	String title() {
		return this.title;
	}

	State state() {
		return this.state;
	}

	int tries() {
		return this.tries;
	}

	@Nullable String requestId() {
		return this.requestId;
	}

	@Nullable Long durationMs() {
		return this.durationMs;
	}

	@Nullable String detail() {
		return this.detail;
	}

	@Nullable Instant endedAt() {
		return this.endedAt;
	}

	@Nullable Instant startedAt() {
		return this.startedAt;
	}

	@Nullable Instant notBefore() {
		return this.notBefore;
	}

	/** How far it is. */
	enum State {

		WAITING, RUNNING, DONE, FAILED

	}

}
