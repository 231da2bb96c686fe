package org.partnertls.connector;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import org.partnertls.exchange.Call;
import org.partnertls.exchange.ValidationTask;
import org.partnertls.organization.Ids;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The results of all validations, task by task: evidence that outlives a retry.
 */
@Component
class Validations {

	private final JdbcClient jdbc;

	Validations(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	/** One validation. */
	record Kept(Instant at, boolean successful, List<ValidationTask> tasks, String requestId) {
	}

	/** Keeps one, in the caller's transaction. */
	void keep(ConnectorChange change, List<ValidationTask> tasks, Call call) {
		keep(change, String.valueOf(change.guid(Direction.OUTBOUND)), tasks, call);
	}

	/** The same of a connector that stands, under the change that was approved last. */
	void keep(ConnectorChange change, String guid, List<ValidationTask> tasks, Call call) {
		Instant at = call.at().plus(call.took());
		this.jdbc.sql("""
				insert into connector_validation
					(id, change_id, partner_id, guid, at, successful, tasks, request_id, duration_ms)
				values (:id, :change, :partner, :guid, :at, :successful, :tasks, :request, :duration)""")
			.param("id", Ids.at(at))
			.param("change", change.id())
			.param("partner", change.partnerId())
			.param("guid", guid)
			.param("at", at.atOffset(ZoneOffset.UTC))
			.param("successful", !tasks.isEmpty() && tasks.stream().allMatch(ValidationTask::successful))
			.param("tasks", Json.write(tasks))
			.param("request", call.requestId())
			.param("duration", call.took().toMillis())
			.update();
	}

	/** Those of a change, newest first. */
	List<Kept> of(UUID changeId) {
		return this.jdbc.sql("""
				select at, successful, tasks, request_id from connector_validation where change_id = :change
				order by at desc, id desc limit 20""")
			.param("change", changeId)
			.query((row, number) -> new Kept(row.getObject(1, OffsetDateTime.class).toInstant(), row.getBoolean(2),
					Arrays.asList(Json.read(row.getString(3), ValidationTask[].class)), row.getString(4)))
			.list();
	}

}
