package org.partnertls.connector;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The steps of a push, in the order in which they are shown. Those of one lane follow
 * each other; the lanes do not wait for each other.
 */
enum StepKind {

	COMPARE(null, "connector.compared"),

	OUTBOUND_WRITE(Direction.OUTBOUND, "connector.outbound-written"),

	OUTBOUND_READ_BACK(Direction.OUTBOUND, "connector.outbound-read-back"),

	INBOUND_WRITE(Direction.INBOUND, "connector.inbound-written"),

	INBOUND_READ_BACK(Direction.INBOUND, "connector.inbound-read-back"),

	OUTBOUND_VALIDATE(Direction.OUTBOUND, "connector.outbound-validated"),

	OUTBOUND_ENABLE(Direction.OUTBOUND, "connector.outbound-enabled"),

	OUTBOUND_ENABLED_READ_BACK(Direction.OUTBOUND, "connector.outbound-enforced"),

	OUTBOUND_UNDO(Direction.OUTBOUND, "connector.outbound-undone"),

	INBOUND_PROOF(Direction.INBOUND, "connector.inbound-proven"),

	INBOUND_ENFORCE(Direction.INBOUND, "connector.inbound-rejecting"),

	INBOUND_ENFORCED_READ_BACK(Direction.INBOUND, "connector.inbound-enforced");

	private final @Nullable Direction direction;

	private final String code;

	StepKind(@Nullable Direction direction, String code) {
		this.direction = direction;
		this.code = code;
	}

	/** Which connector it is about; null: both. */
	@Nullable Direction direction() {
		return this.direction;
	}

	/** What the history calls it. */
	String code() {
		return this.code;
	}

	/** Whether it changes the tenant, or begins to. */
	boolean isWrite() {
		return this == COMPARE || this == OUTBOUND_WRITE || this == INBOUND_WRITE || this == OUTBOUND_ENABLE
				|| this == INBOUND_ENFORCE || this == OUTBOUND_UNDO;
	}

	boolean isReadBack() {
		return this == OUTBOUND_READ_BACK || this == INBOUND_READ_BACK || this == OUTBOUND_ENABLED_READ_BACK
				|| this == INBOUND_ENFORCED_READ_BACK;
	}

	/** The steps that a plan needs. */
	static List<StepKind> of(Plan plan) {
		List<StepKind> steps = new ArrayList<>(List.of(COMPARE));
		Plan.Action outbound = plan.of(Direction.OUTBOUND);
		Plan.Action inbound = plan.of(Direction.INBOUND);
		boolean enforce = plan.kind() == ChangeKind.ENFORCE;
		if (outbound.kind() == Plan.Action.Kind.ACCEPT) {
			steps.add(OUTBOUND_READ_BACK);
		}
		if (outbound.isWork()) {
			steps.addAll(List.of(OUTBOUND_WRITE, OUTBOUND_READ_BACK));
			if (isValidated(plan, outbound)) {
				steps.addAll(List.of(OUTBOUND_VALIDATE, OUTBOUND_ENABLE, OUTBOUND_ENABLED_READ_BACK));
			}
		}
		if (inbound.kind() == Plan.Action.Kind.ACCEPT) {
			steps.add(INBOUND_READ_BACK);
		}
		if (inbound.isWork()) {
			// A connector that rejects already goes on with what it has until the proof.
			if (!enforce || !inbound.isRejecting()) {
				steps.addAll(List.of(INBOUND_WRITE, INBOUND_READ_BACK));
			}
			if (enforce) {
				steps.addAll(List.of(INBOUND_PROOF, INBOUND_ENFORCE, INBOUND_ENFORCED_READ_BACK));
			}
		}
		steps.sort(null);
		return steps;
	}

	/** Nothing that carries mail is switched on without a test message. */
	private static boolean isValidated(Plan plan, Plan.Action outbound) {
		return outbound.after() != null && outbound.after().is(Form.ENABLED)
				&& outbound.after().get(Form.TLS_SETTINGS) != null
				&& (plan.kind() == ChangeKind.ENFORCE || plan.kind().isAimed());
	}

	/** What it is called on a page. */
	String title(Plan plan) {
		String name = (this.direction != null) ? "\"" + plan.of(this.direction).name() + "\"" : "";
		String verb = (this.direction != null) ? switch (plan.of(this.direction).kind()) {
			case CREATE -> "Create ";
			case REMOVE -> "Remove ";
			case CHANGE, NOTHING, CONFLICT, ACCEPT -> (plan.kind() == ChangeKind.SUSPEND) ? "Switch off " : "Change ";
		} : "";
		boolean enforce = plan.kind() == ChangeKind.ENFORCE;
		return switch (this) {
			case COMPARE -> "Compare the tenant with what was approved";
			case OUTBOUND_WRITE ->
				verb + name + ((verb.equals("Create ") && isValidated(plan, plan.of(Direction.OUTBOUND)))
						? ", switched off" : "");
			case INBOUND_WRITE -> verb + name + (enforce ? ", rejecting nothing yet" : "");
			case OUTBOUND_READ_BACK, INBOUND_READ_BACK -> "Read " + name + " back";
			case OUTBOUND_VALIDATE -> "Validate " + name + " with a test message";
			case OUTBOUND_ENABLE -> "Record the validation and switch " + name + " on";
			case OUTBOUND_ENABLED_READ_BACK -> "Read " + name + " back, switched on";
			case OUTBOUND_UNDO -> "Put " + name + " back as it was";
			case INBOUND_PROOF -> "Wait for a test message that proves TLS from the partner";
			case INBOUND_ENFORCE -> "Reject mail without TLS";
			case INBOUND_ENFORCED_READ_BACK -> "Read " + name + " back, rejecting";
		};
	}

}
