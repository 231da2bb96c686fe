package org.partnertls.alarm;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Ids;

/**
 * Something that an administrator has to know at once. It lives as long as its cause.
 */
@Entity
@Table(name = "alarm")
class Alarm {

	private static final int LONGEST = 1000;

	@Id
	private UUID id;

	@Version
	private long version;

	@Enumerated(EnumType.STRING)
	private Cause cause;

	private String subject;

	private @Nullable UUID partnerId;

	private @Nullable String partnerName;

	private String sentence;

	private String page;

	private Instant since;

	@Enumerated(EnumType.STRING)
	private State state;

	private Instant openedAt;

	private @Nullable Instant escalateAt;

	private @Nullable Instant escalatedAt;

	private @Nullable Instant acknowledgedAt;

	private @Nullable UUID acknowledgedBy;

	private @Nullable String note;

	private @Nullable Instant closedAt;

	protected Alarm() {
	}

	Alarm(Found found, Instant escalateAt, Instant now) {
		this.id = Ids.at(now);
		this.cause = found.cause();
		this.subject = found.subject();
		this.partnerId = found.partnerId();
		this.partnerName = found.partnerName();
		this.sentence = bounded(found.sentence());
		this.page = found.page();
		this.since = (found.since() != null) ? found.since() : now;
		this.state = State.OPEN;
		this.openedAt = now;
		this.escalateAt = escalateAt;
	}

	/** Its cause still holds, perhaps in other words. */
	void goesOn(Found found) {
		this.sentence = bounded(found.sentence());
	}

	/**
	 * Somebody takes care of it.
	 * @return whether that was news
	 */
	boolean acknowledge(UUID by, @Nullable String words, Instant now) {
		return switch (this.state) {
			case OPEN -> {
				this.state = State.ACKNOWLEDGED;
				this.acknowledgedAt = now;
				this.acknowledgedBy = by;
				this.note = words;
				this.escalateAt = null;
				yield true;
			}
			case ACKNOWLEDGED, CLOSED -> false;
		};
	}

	/** Nobody has acknowledged it in time. */
	void escalate(Instant now) {
		this.escalatedAt = now;
		this.escalateAt = null;
	}

	/** Whether it is time for somebody else to hear of it. */
	boolean isToEscalate(Instant now) {
		return this.state == State.OPEN && this.escalateAt != null && !this.escalateAt.isAfter(now);
	}

	/** Its cause is gone. */
	void close(Instant now) {
		this.state = State.CLOSED;
		this.closedAt = now;
		this.escalateAt = null;
	}

	private static String bounded(String words) {
		return words.substring(0, Math.min(words.length(), LONGEST));
	}

	UUID id() {
		return this.id;
	}

	Cause cause() {
		return this.cause;
	}

	String subject() {
		return this.subject;
	}

	State state() {
		return this.state;
	}

	@Nullable UUID partnerId() {
		return this.partnerId;
	}

	/** As pages and messages show it. */
	AlarmView view() {
		return new AlarmView(this.id, this.cause, this.partnerId, this.partnerName, this.sentence, this.page,
				this.since, this.state, this.openedAt, this.escalateAt, this.escalatedAt, this.acknowledgedAt,
				this.acknowledgedBy, this.note, this.closedAt);
	}

	/**
	 * Something that is wrong now.
	 *
	 * @param cause what kind of thing
	 * @param subject what it is about: with the cause, it is what makes two the same
	 * @param partnerId the partner that it concerns; null: none
	 * @param partnerName its name
	 * @param sentence what has happened
	 * @param page where it is mended
	 * @param since when it began; null: unknown
	 */
	record Found(Cause cause, String subject, @Nullable UUID partnerId, @Nullable String partnerName, String sentence,
			String page, @Nullable Instant since) {
	}

	/** How far an alarm is. */
	enum State {

		OPEN("Open", "bad"), ACKNOWLEDGED("Acknowledged", "wait"), CLOSED("Closed", "idle");

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

}
