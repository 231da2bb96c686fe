package org.partnertls.connector;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
 * Enforcement for a partner loosened by one step, in an emergency.
 */
@Entity
@Table(name = "connector_relief")
class Relief {

	@Id
	private UUID id;

	@Version
	private long version;

	private UUID partnerId;

	private String partnerName;

	private String tenantId;

	@Enumerated(EnumType.STRING)
	private ReliefStep step;

	@Enumerated(EnumType.STRING)
	private State state;

	@Enumerated(EnumType.STRING)
	private Direction direction;

	private String guid;

	private String name;

	private String reason;

	private String byId;

	private String byName;

	private @Nullable String before;

	private Instant wantedAt;

	private @Nullable Instant appliedAt;

	private Instant until;

	private @Nullable Instant remindedAt;

	private @Nullable Instant endedAt;

	private @Nullable String endedBy;

	private long fence;

	private int tries;

	private @Nullable String requestId;

	private @Nullable String detail;

	private @Nullable Instant dueAt;

	protected Relief() {
	}

	Relief(OwnConnector connector, String tenantId, ReliefStep step, String byId, String byName, String reason,
			Instant until, Instant now) {
		this.id = Ids.at(now);
		this.partnerId = connector.partnerId();
		this.partnerName = connector.partnerName();
		this.tenantId = tenantId;
		this.step = step;
		this.state = State.WANTED;
		this.direction = connector.direction();
		this.guid = connector.guid();
		this.name = connector.name();
		this.byId = byId;
		this.byName = byName;
		this.reason = reason;
		this.wantedAt = now;
		this.until = until;
		this.dueAt = now;
	}

	/**
	 * Somebody carries it out, or takes it back, from now on.
	 * @param current the connector's settings now
	 */
	void start(long by, Form current) {
		this.fence = by;
		if (this.before == null) {
			// Kept before the first write: a second try would already see it relieved.
			this.before = Json.write(new TreeMap<>(this.step.touched(current)));
		}
	}

	/**
	 * Whether a report still counts: nobody else is at it, and nobody has asked for
	 * something else in the meantime.
	 * @param begun the state in which the work began
	 */
	boolean accepts(long by, State begun) {
		return this.fence == by && isStill(begun);
	}

	/** Whether there still is the work that there was. */
	boolean isStill(State begun) {
		return this.state == begun && (begun == State.WANTED || begun == State.ENDING);
	}

	/** What is to be set now, to the values given. */
	Form aim(Form current) {
		if (this.state != State.ENDING) {
			return this.step.relieved(current);
		}
		return earlier(current);
	}

	/** The same with what was loosened as it was before. */
	Form earlier(Form form) {
		return form.with(earlier());
	}

	private Map<String, @Nullable Object> earlier() {
		return (this.before != null) ? Json.read(this.before, Form.class).values() : Map.of();
	}

	void done(@Nullable Call call, Instant now) {
		if (this.state == State.ENDING) {
			this.state = State.ENDED;
			this.endedAt = now;
			this.dueAt = null;
		}
		else {
			this.state = State.ACTIVE;
			this.appliedAt = now;
			this.dueAt = this.until;
		}
		this.tries = 0;
		this.detail = null;
		this.requestId = (call != null) ? call.requestId() : this.requestId;
	}

	void defer(@Nullable Call call, String words, Duration pause, Instant now) {
		this.tries++;
		this.detail = words;
		this.dueAt = now.plus(pause);
		this.requestId = (call != null) ? call.requestId() : this.requestId;
	}

	/**
	 * It does not work; a person does it by hand or tries again. What could not be taken
	 * back goes on asking.
	 */
	void fail(@Nullable Call call, String words, Instant now) {
		boolean ending = this.state == State.ENDING;
		this.state = ending ? State.ACTIVE : State.FAILED;
		this.detail = words;
		this.dueAt = !ending ? null : now.isBefore(this.until) ? this.until : now.plus(Duration.ofDays(1));
		this.requestId = (call != null) ? call.requestId() : this.requestId;
	}

	/** Tries again what failed, until a new time. */
	void again(Instant newUntil, Instant now) {
		this.state = State.WANTED;
		this.until = newUntil;
		this.tries = 0;
		this.dueAt = now;
	}

	/** Enforcement shall be as it was. */
	void end(String by, Instant now) {
		this.endedBy = by;
		this.tries = 0;
		if (this.before == null) {
			// It never took effect.
			this.state = State.ENDED;
			this.endedAt = now;
			this.dueAt = null;
			return;
		}
		this.state = State.ENDING;
		this.dueAt = now;
	}

	/** Its time is over; it stays until somebody ends it, and asks again every day. */
	void remind(Instant now) {
		this.remindedAt = now;
		this.dueAt = now.plus(Duration.ofDays(1));
	}

	/**
	 * Whether a connector that we left in one form and that is in another now was brought
	 * there by this, or back.
	 */
	boolean explains(Form left, Form is) {
		return this.step.touched(is).keySet().containsAll(left.differences(is))
				&& (this.step.relieved(left).differences(is).isEmpty()
						|| Form.of(new TreeMap<>(earlier())).differences(is).isEmpty());
	}

	boolean isOpen() {
		return this.state != State.ENDED;
	}

	boolean isOverdue(Instant now) {
		return this.state == State.ACTIVE && !now.isBefore(this.until);
	}

	/**
	 * The lines that relieve by hand, for when the portal is down.
	 */
	static List<String> powershell(ReliefStep step, String guid, @Nullable String environment) {
		return List.of(PowerShell.connect(environment), PowerShell.line("Set-" + step.direction().noun(), guid,
				step.touched(step.relieved(Form.of(Map.of())))));
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

	ReliefStep step() {
		return this.step;
	}

	State state() {
		return this.state;
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

	String reason() {
		return this.reason;
	}

	String byName() {
		return this.byName;
	}

	Instant wantedAt() {
		return this.wantedAt;
	}

	@Nullable Instant appliedAt() {
		return this.appliedAt;
	}

	Instant until() {
		return this.until;
	}

	int tries() {
		return this.tries;
	}

	@Nullable String detail() {
		return this.detail;
	}

	/** How far it is. */
	enum State {

		WANTED("about to take effect"), ACTIVE("in effect"), ENDING("about to end"), ENDED("ended"),
		FAILED("could not be carried out");

		private final String words;

		State(String words) {
			this.words = words;
		}

		String words() {
			return this.words;
		}

	}

}
