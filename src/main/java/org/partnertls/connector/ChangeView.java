package org.partnertls.connector;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A change as pages and other modules see it.
 *
 * @param state PLANNED, APPROVED, PUSHING, PROVING, DONE, NEEDS_ATTENTION or VOID
 * @param words the state in words
 * @param tone good, wait, bad or idle
 * @param hash of the plan: what an approval is for
 * @param shapedBy who made it without an attestation; null: the attestation tells
 * @param why what is wrong, as a sentence; null: nothing
 * @param enforceAt from when on clear text is rejected; null: not known yet
 */
public record ChangeView(UUID id, UUID partnerId, String partnerName, @Nullable UUID attestationId, ChangeKind kind,
		String state, String words, String tone, Plan plan, String hash, @Nullable UUID shapedBy,
		List<ApprovalView> approvals, List<StepView> steps, @Nullable String why, Instant proposedAt,
		@Nullable Instant enforceAt, @Nullable Instant finishedAt) {

	static ChangeView of(ConnectorChange change) {
		return new ChangeView(change.id(), change.partnerId(), change.partnerName(), change.attestationId(),
				change.kind(), change.state().name(), change.state().words(), tone(change.state()), change.plan(),
				change.hash(), change.shapedBy(),
				change.approvals()
					.stream()
					.map((approval) -> new ApprovalView(approval.approverId(), approval.approverName(), approval.at()))
					.toList(),
				change.steps().stream().map(StepView::of).toList(), change.why(), change.proposedAt(),
				change.enforceAt(), change.finishedAt());
	}

	static String tone(ConnectorChange.State state) {
		return switch (state) {
			case PLANNED, APPROVED, PUSHING, PROVING -> "wait";
			case DONE -> "good";
			case NEEDS_ATTENTION -> "bad";
			case VOID -> "idle";
		};
	}

	/** Whether it goes on by itself, so that a page should look again soon. */
	public boolean isMoving() {
		return this.state.equals("APPROVED") || this.state.equals("PUSHING") || this.state.equals("PROVING");
	}

	public boolean isWaitingForApproval() {
		return this.state.equals("PLANNED");
	}

	public boolean needsAttention() {
		return this.state.equals("NEEDS_ATTENTION");
	}

	public boolean isVoid() {
		return this.state.equals("VOID");
	}

	/** Somebody's approval. */
	public record ApprovalView(UUID approverId, String name, Instant at) {
	}

	/**
	 * A step of the push.
	 *
	 * @param state waiting, running, done or failed
	 * @param detail what came of it, with request id and duration
	 * @param time when it ended or, while it runs, began
	 */
	public record StepView(String title, String state, @Nullable String detail, @Nullable Instant time) {

		private static StepView of(PushStep step) {
			StringBuilder detail = new StringBuilder();
			if (step.detail() != null) {
				detail.append(step.detail());
			}
			if (step.requestId() != null) {
				detail.append(detail.isEmpty() ? "" : " · ").append("request ").append(step.requestId());
			}
			if (step.durationMs() != null) {
				detail.append(" · ").append(step.durationMs()).append(" ms");
			}
			Instant time = (step.endedAt() != null) ? step.endedAt() : step.startedAt();
			return new StepView(step.title(), step.state().name().toLowerCase(java.util.Locale.ROOT),
					detail.isEmpty() ? null : detail.toString(), time);
		}

	}

}
