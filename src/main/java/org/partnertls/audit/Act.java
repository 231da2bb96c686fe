package org.partnertls.audit;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * What happened, in the words of the history. Build it with {@link #of(String)} and hand
 * it to the {@link AuditLog}. Nothing given to {@code detail} or {@code change} may be
 * personal data or a secret: names, addresses and free text go to {@link #reason} or
 * {@link #personal}.
 */
public final class Act {

	final String code;

	String outcome = "success";

	@Nullable Actor actor;

	@Nullable String subjectType;

	@Nullable String subjectId;

	@Nullable UUID partnerId;

	@Nullable String partnerName;

	@Nullable String domain;

	final Map<String, String> details = new TreeMap<>();

	final Map<String, Change> changes = new TreeMap<>();

	final Map<String, Personal> personal = new TreeMap<>();

	private Act(String code) {
		this.code = code;
	}

	/**
	 * An act that succeeded, unless {@link #refused} or {@link #failed} says otherwise.
	 * @param code the stable code, for example {@code request.accepted}
	 */
	public static Act of(String code) {
		return new Act(code);
	}

	/** Acted by somebody other than the current actor, which null stands for. */
	public Act by(@Nullable Actor actor) {
		this.actor = actor;
		return this;
	}

	/** What it was done to. */
	public Act on(String subjectType, Object subjectId) {
		this.subjectType = subjectType;
		this.subjectId = subjectId.toString();
		return this;
	}

	/** The partner organisation that it concerns, with its name at this time. */
	public Act partner(UUID id, String name) {
		this.partnerId = id;
		this.partnerName = name;
		return this;
	}

	/** The mail domain that it concerns. */
	public Act domain(Object domain) {
		this.domain = domain.toString();
		return this;
	}

	/** A fact worth keeping. */
	public Act detail(String name, Object value) {
		this.details.put(name, value.toString());
		return this;
	}

	/** A field that changed, before and after; one that did not is left out. */
	public Act change(String field, @Nullable Object before, @Nullable Object after) {
		Change change = new Change((before != null) ? before.toString() : null,
				(after != null) ? after.toString() : null);
		if (!Objects.equals(change.before(), change.after())) {
			this.changes.put(field, change);
		}
		return this;
	}

	/** Why, in somebody's own words; empty words are left out. */
	public Act reason(@Nullable String words) {
		return personal("reason", null, words);
	}

	/**
	 * Personal data, kept beside the event.
	 * @param slot what it is, for example {@code contact}
	 * @param personId whose it is; null: the actor's
	 * @param content the data; nothing is kept when it is empty
	 */
	public Act personal(String slot, @Nullable Object personId, @Nullable String content) {
		if (content != null && !content.isBlank()) {
			this.personal.put(slot, new Personal((personId != null) ? personId.toString() : null, content));
		}
		return this;
	}

	/** It was not allowed. */
	public Act refused() {
		this.outcome = "refused";
		return this;
	}

	/** It was tried and did not work. */
	public Act failed() {
		this.outcome = "failure";
		return this;
	}

	record Change(@Nullable String before, @Nullable String after) {
	}

	record Personal(@Nullable String personId, String content) {
	}

}
