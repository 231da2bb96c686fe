package org.partnertls.connector;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * What somebody has changed of one connector, as pages and other modules see it.
 *
 * @param sentence what has happened
 * @param alarm whether mail may travel in clear text since, or unguarded
 * @param fields what was wanted, and what is
 * @param wantedBy who approved what was wanted; null: nobody knows
 * @param changeId the change that was approved; null: there is none
 * @param changedAt when it was changed, by the tenant's clock; null: not told
 */
public record DriftView(UUID id, UUID partnerId, String partnerName, String name, String direction, String sentence,
		boolean alarm, List<Plan.Field> fields, @Nullable String wantedBy, @Nullable UUID changeId,
		@Nullable Instant approvedAt, @Nullable Instant changedAt, Instant foundAt, Instant seenAt) {

	static DriftView of(Drift drift, Optional<ConnectorChange> approved) {
		return new DriftView(drift.id(), drift.partnerId(), drift.partnerName(), drift.name(),
				drift.direction().title(), drift.sentence(), drift.kind().isAlarm(), fields(drift),
				approved.map(ConnectorChange::approvals)
					.map((approvals) -> approvals.stream()
						.map(ConnectorChange.Approval::approverName)
						.collect(Collectors.joining(", ")))
					.orElse(null),
				approved.map(ConnectorChange::id).orElse(null), approved.map(ConnectorChange::approvedAt).orElse(null),
				drift.changedAt(), drift.foundAt(), drift.seenAt());
	}

	private static List<Plan.Field> fields(Drift drift) {
		return (drift.kind() == Drift.Kind.UNVALIDATED)
				? List.of(new Plan.Field("Recorded as validated", "IsValidated", "yes", "no", true))
				: Plan.differing(drift.direction(), drift.wanted(), drift.found());
	}

}
