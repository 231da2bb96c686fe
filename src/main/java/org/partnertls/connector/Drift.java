package org.partnertls.connector;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
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
 * A connector of ours that somebody has changed in the tenant: how we left it, and how it
 * is.
 */
@Entity
@Table(name = "connector_drift")
class Drift {

	@Id
	private UUID id;

	@Version
	private long version;

	private String tenantId;

	private UUID partnerId;

	private String partnerName;

	@Enumerated(EnumType.STRING)
	private Direction direction;

	private String guid;

	private String name;

	@Enumerated(EnumType.STRING)
	private Kind kind;

	private String wanted;

	private @Nullable String found;

	private @Nullable Instant changedAt;

	private @Nullable Instant alarmSince;

	private Instant foundAt;

	private Instant seenAt;

	private @Nullable Instant endedAt;

	@Enumerated(EnumType.STRING)
	private @Nullable End endedHow;

	protected Drift() {
	}

	Drift(OwnConnector own, String tenantId, Tenant.@Nullable Seen seen, Instant now) {
		this.id = Ids.at(now);
		this.tenantId = tenantId;
		this.partnerId = own.partnerId();
		this.partnerName = own.partnerName();
		this.direction = own.direction();
		this.guid = own.guid();
		this.name = own.name();
		this.foundAt = now;
		see(own.form(), seen, now);
	}

	/**
	 * It looks like this now.
	 * @param left how we have left it: reliefs come and go meanwhile
	 * @return whether it looked otherwise before
	 */
	final boolean see(Form left, Tenant.@Nullable Seen seen, Instant now) {
		String before = this.found;
		this.wanted = Json.write(left);
		this.seenAt = now;
		this.found = (seen != null) ? Json.write(seen.form()) : null;
		this.changedAt = (seen != null) ? seen.changedAt() : null;
		this.kind = Kind.of(this.direction, left, (seen != null) ? seen.form() : null);
		if (!this.kind.isAlarm()) {
			this.alarmSince = null;
		}
		else if (this.alarmSince == null) {
			// As the database keeps it, so that the end tells the same as the alarm did.
			this.alarmSince = ((this.changedAt != null && this.changedAt.isBefore(now)) ? this.changedAt : now)
				.truncatedTo(ChronoUnit.MICROS);
		}
		return !Objects.equals(before, this.found);
	}

	/** There is no difference any more. */
	void end(End how, Instant now) {
		this.endedAt = now;
		this.endedHow = how;
	}

	/** The parameters that differ; none: it is gone. */
	SortedSet<String> differences() {
		Form form = found();
		return (form != null) ? wanted().differences(form) : new TreeSet<>();
	}

	/** What has happened, as a sentence. */
	String sentence() {
		boolean toThem = this.direction == Direction.OUTBOUND;
		String what = (toThem ? "outbound connector \"" : "inbound connector \"") + this.name + "\"";
		return switch (this.kind) {
			case GONE -> "The " + what + " is no longer in the tenant. "
					+ (toThem ? "Nothing of ours is enforced on mail to the partner."
							: "Nothing of ours is enforced on mail from the partner.");
			case SWITCHED_OFF -> "The " + what + " was switched off in the tenant. "
					+ (toThem ? "Mail to the partner may travel in clear text."
							: "Mail from the partner may travel in clear text.");
			case LOOSENED ->
				"The " + what + " enforces less than was approved (" + String.join(", ", differences()) + ").";
			case CHANGED -> "The " + what + " was changed in the tenant (" + String.join(", ", differences()) + ").";
			case UNVALIDATED -> "The " + what + " was validated and is no longer recorded as such in the tenant. Apply"
					+ " again to have it validated again.";
		};
	}

	UUID id() {
		return this.id;
	}

	UUID partnerId() {
		return this.partnerId;
	}

	String partnerName() {
		return this.partnerName;
	}

	Direction direction() {
		return this.direction;
	}

	String guid() {
		return this.guid;
	}

	String name() {
		return this.name;
	}

	Kind kind() {
		return this.kind;
	}

	Form wanted() {
		return Json.read(this.wanted, Form.class);
	}

	@Nullable Form found() {
		return (this.found != null) ? Json.read(this.found, Form.class) : null;
	}

	@Nullable Instant changedAt() {
		return this.changedAt;
	}

	/** Since when mail may travel in clear text, or unguarded; null: it does not. */
	@Nullable Instant alarmSince() {
		return this.alarmSince;
	}

	Instant foundAt() {
		return this.foundAt;
	}

	Instant seenAt() {
		return this.seenAt;
	}

	/** What somebody did. */
	enum Kind {

		GONE, SWITCHED_OFF, LOOSENED, CHANGED, UNVALIDATED;

		static Kind of(Direction direction, Form wanted, @Nullable Form found) {
			if (found == null) {
				return GONE;
			}
			if (wanted.is(Form.ENABLED) && !found.is(Form.ENABLED)) {
				return SWITCHED_OFF;
			}
			if (wanted.differences(found).isEmpty()) {
				return UNVALIDATED;
			}
			boolean looser = switch (direction) {
				case OUTBOUND -> strength(found) < strength(wanted)
						|| !found.texts(Form.RECIPIENT_DOMAINS).containsAll(wanted.texts(Form.RECIPIENT_DOMAINS))
						|| found.is("TestMode") || found.is("IsTransportRuleScoped");
				case INBOUND -> (wanted.is(Form.REQUIRE_TLS) && !found.is(Form.REQUIRE_TLS))
						|| (wanted.is(Form.BY_CERTIFICATE) && !found.is(Form.BY_CERTIFICATE))
						|| (wanted.is(Form.BY_ADDRESS) && !found.is(Form.BY_ADDRESS))
						|| !found.texts(Form.SENDER_DOMAINS).containsAll(wanted.texts(Form.SENDER_DOMAINS));
			};
			return looser ? LOOSENED : CHANGED;
		}

		private static int strength(Form form) {
			int strength = 0;
			for (TlsLevel level : TlsLevel.values()) {
				strength++;
				if (level.parameter().equals(form.get(Form.TLS_SETTINGS))) {
					return strength;
				}
			}
			return 0;
		}

		/** Whether somebody has to be woken: mail may travel in clear text. */
		boolean isAlarm() {
			return this != CHANGED && this != UNVALIDATED;
		}

	}

	/** How a difference ended. */
	enum End {

		/** Somebody put it back in the tenant. */
		RETURNED,
		/** A change of ours brought the connector to what was approved. */
		PUSHED,
		/** It was accepted. */
		ACCEPTED

	}

}
