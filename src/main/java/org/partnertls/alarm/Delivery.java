package org.partnertls.alarm;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/**
 * A message to a webhook and its fate.
 */
@Entity
@Table(name = "alarm_delivery")
class Delivery {

	private static final int LONGEST = 300;

	@Id
	private UUID id;

	private @Nullable UUID alarmId;

	private String hook;

	private String event;

	private String body;

	@Enumerated(EnumType.STRING)
	private State state;

	private int tries;

	private @Nullable Integer status;

	private @Nullable String answer;

	private Instant createdAt;

	private @Nullable Instant endedAt;

	protected Delivery() {
	}

	Delivery(UUID id, @Nullable UUID alarmId, String hook, String event, String body, Instant now) {
		this.id = id;
		this.alarmId = alarmId;
		this.hook = hook;
		this.event = event;
		this.body = body;
		this.state = State.WAITING;
		this.createdAt = now;
	}

	/** It was taken. */
	void sent(int status, Instant now) {
		this.state = State.SENT;
		this.tries++;
		this.status = status;
		this.answer = null;
		this.endedAt = now;
	}

	/** It was not taken, this time. */
	void failed(@Nullable Integer status, String words) {
		this.state = State.FAILED;
		this.tries++;
		this.status = status;
		this.answer = bounded(words);
	}

	/** It never will be taken. */
	void givenUp(@Nullable Integer status, String words, Instant now) {
		this.state = State.GIVEN_UP;
		this.status = status;
		this.answer = bounded(words);
		this.endedAt = now;
	}

	private static String bounded(String words) {
		String clean = words.replaceAll("[\\p{C}\\s]+", " ").strip();
		return clean.substring(0, Math.min(clean.length(), LONGEST));
	}

	boolean isOver() {
		return this.endedAt != null;
	}

	UUID id() {
		return this.id;
	}

	@Nullable UUID alarmId() {
		return this.alarmId;
	}

	String hook() {
		return this.hook;
	}

	String event() {
		return this.event;
	}

	String body() {
		return this.body;
	}

	View view() {
		return new View(this.hook, this.event, this.state, this.tries, this.status, this.answer, this.createdAt,
				this.endedAt);
	}

	/**
	 * As pages show it.
	 *
	 * @param status what the other side answered; null: nothing
	 * @param answer why it was not taken, in words
	 */
	record View(String hook, String event, State state, int tries, @Nullable Integer status, @Nullable String answer,
			Instant createdAt, @Nullable Instant endedAt) {

		/** What came of it, as a sentence. */
		public String words() {
			return switch (this.state) {
				case WAITING -> "Waits to be sent.";
				case SENT -> "Taken, answer " + this.status + ((this.tries > 1) ? ", at try " + this.tries : "") + ".";
				case FAILED -> "Tried " + this.tries + ((this.tries == 1) ? " time: " : " times: ") + this.answer;
				case GIVEN_UP -> "Given up: " + this.answer;
			};
		}

		public String tone() {
			return switch (this.state) {
				case WAITING -> "idle";
				case SENT -> "good";
				case FAILED -> "wait";
				case GIVEN_UP -> "bad";
			};
		}

		/** What was told, in words. */
		public String what() {
			return switch (this.event) {
				case "alarm.opened" -> "Opened";
				case "alarm.escalated" -> "Escalated";
				case "alarm.acknowledged" -> "Acknowledged";
				case "alarm.closed" -> "Closed";
				default -> "Test";
			};
		}

	}

	/** How far it is. */
	enum State {

		/** Its job has not run yet. */
		WAITING,
		/** It was taken. */
		SENT,
		/** It is tried again, or waits for somebody to look. */
		FAILED,
		/** It is not tried again. */
		GIVEN_UP

	}

}
