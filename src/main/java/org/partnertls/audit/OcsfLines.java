package org.partnertls.audit;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes events for a SIEM in the Open Cybersecurity Schema Framework, version 1.3.0, one
 * JSON object a line: sign-ins as Authentication (3002), everything else as Entity
 * Management (3004). What the schema has no place for stands under {@code unmapped}.
 *
 * @see <a href="https://schema.ocsf.io/1.3.0/">the schema</a>
 */
final class OcsfLines implements Exports.Lines {

	private static final String VERSION = "1.3.0";

	private static final JsonFactory JSON = JsonFactory.builder()
		.disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
		.disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
		.build();

	private final OutputStream out;

	OcsfLines(OutputStream out) {
		this.out = new BufferedOutputStream(out, 1 << 16);
	}

	@Override
	public void write(Exports.Taken event, List<ProvenLines.Beside> personal) throws IOException {
		History.Row row = event.row(personal);
		boolean signIn = row.code().startsWith("sign-") || row.code().startsWith("code.");
		int type = signIn ? 3002 : 3004;
		int activity = signIn ? signInActivity(row.code()) : activity(row.code());
		boolean good = row.outcome().equals("success");
		try (JsonGenerator json = JSON.createGenerator(tools.jackson.core.ObjectWriteContext.empty(), this.out)) {
			json.writeStartObject();
			json.writeNumberProperty("activity_id", activity);
			json.writeNumberProperty("category_uid", 3);
			json.writeNumberProperty("class_uid", type);
			json.writeNumberProperty("type_uid", type * 100 + activity);
			json.writeNumberProperty("time", row.at().toEpochMilli());
			json.writeNumberProperty("severity_id", good ? 1 : row.outcome().equals("refused") ? 2 : 3);
			json.writeNumberProperty("status_id", good ? 1 : 2);
			json.writeStringProperty("status", good ? "Success" : "Failure");
			json.writeStringProperty("status_code", row.outcome());
			json.writeStringProperty("message", row.title());
			metadata(json, row, event.index());
			json.writeObjectPropertyStart("actor");
			user(json, "user", row);
			json.writeEndObject();
			unlessEmpty(json, "src_endpoint", "ip", row.ip());
			if (signIn) {
				user(json, "user", row);
				json.writeObjectPropertyStart("service");
				json.writeStringProperty("name", "Partner TLS Portal");
				json.writeEndObject();
				json.writeBooleanProperty("is_remote", true);
			}
			else {
				entity(json, row);
				String reason = row.personal().get("reason");
				if (reason != null) {
					json.writeStringProperty("comment", reason);
				}
			}
			json.writeObjectPropertyStart("unmapped");
			json.writeStringProperty("event", row.text());
			json.writeEndObject();
			json.writeEndObject();
		}
		this.out.write('\n');
	}

	private static void metadata(JsonGenerator json, History.Row row, long index) {
		json.writeObjectPropertyStart("metadata");
		json.writeStringProperty("version", VERSION);
		json.writeObjectPropertyStart("product");
		json.writeStringProperty("name", "Partner TLS Portal");
		json.writeStringProperty("vendor_name", "Partner TLS");
		json.writeEndObject();
		json.writeStringProperty("uid", row.id().toString());
		json.writeStringProperty("event_code", row.code());
		json.writeStringProperty("log_name", "history");
		json.writeStringProperty("original_time", row.text("at", null));
		if (index >= 0) {
			json.writeNumberProperty("sequence", index);
		}
		String request = row.text("request", null);
		if (!request.isEmpty()) {
			json.writeStringProperty("correlation_uid", request);
		}
		json.writeEndObject();
	}

	private static void user(JsonGenerator json, String field, History.Row row) {
		json.writeObjectPropertyStart(field);
		json.writeStringProperty("uid", row.actorId());
		json.writeStringProperty("name", row.who());
		if (!row.address().isEmpty()) {
			json.writeStringProperty("email_addr", row.address());
		}
		String kind = row.text("actor", "kind");
		boolean admin = row.text("actor", "role").contains("Administrator");
		json.writeNumberProperty("type_id", kind.equals("SYSTEM") ? 3 : admin ? 2 : kind.equals("VISITOR") ? 0 : 1);
		json.writeEndObject();
	}

	/** What it was done to: the partner, else the domain, else the thing itself. */
	private static void entity(JsonGenerator json, History.Row row) {
		json.writeObjectPropertyStart("entity");
		String partner = row.text("partner", "id");
		String subject = row.text("subject", "id");
		if (!partner.isEmpty()) {
			json.writeStringProperty("uid", partner);
			json.writeStringProperty("name", row.text("partner", "name"));
			json.writeStringProperty("type", "partner");
		}
		else if (!subject.isEmpty()) {
			json.writeStringProperty("uid", subject);
			json.writeStringProperty("name", row.on());
			json.writeStringProperty("type", row.text("subject", "type"));
		}
		else {
			json.writeStringProperty("name", "Partner TLS Portal");
			json.writeStringProperty("type", "portal");
		}
		json.writeEndObject();
	}

	private static void unlessEmpty(JsonGenerator json, String object, String field, @Nullable String value) {
		if (value != null && !value.isEmpty()) {
			json.writeObjectPropertyStart(object);
			json.writeStringProperty(field, value);
			json.writeEndObject();
		}
	}

	/** Logon, logoff or other. */
	private static int signInActivity(String code) {
		return code.startsWith("sign-in") ? 1 : code.startsWith("sign-out") ? 2 : 99;
	}

	/** Create, read, update, delete, enroll, unenroll, enable or disable. */
	private static int activity(String code) {
		String act = code.substring(code.indexOf('.') + 1);
		if (act.matches("(outbound-|inbound-)?(enforced|enabled|rejecting|began).*|resumed.*|relief-ended.*")) {
			return 8;
		}
		if (act.matches("suspended.*|relieved.*|outbound-undone.*|lapsed.*")) {
			return 9;
		}
		if (act.matches("activated.*")) {
			return 6;
		}
		if (act.matches("ended.*|withdrawn.*|expired.*")) {
			return 7;
		}
		if (act.matches("removed.*|erased.*|archived.*")) {
			return 4;
		}
		if (act
			.matches("searched.*|opened.*|.*exported.*|looked-up.*|compared.*|finished.*|.*read-back.*|downloaded.*")) {
			return 2;
		}
		return act.matches("asked.*|added.*|invited.*|change-proposed.*|sent.*") ? 1 : 3;
	}

	@Override
	public void close() throws IOException {
		this.out.flush();
	}

}
