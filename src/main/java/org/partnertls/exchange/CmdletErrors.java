package org.partnertls.exchange;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Classifies what InvokeCommand answers instead of a result: by the type of the exception
 * first, then by its text, then by the HTTP status, which tells the least.
 */
final class CmdletErrors {

	private static final JsonMapper MAPPER = JsonMapper.shared();

	/**
	 * {@code Ex6F9304|Full.Exception.Type|text for people}; the first part can be empty.
	 */
	private static final Pattern TAGGED = Pattern.compile("^(?:Ex)?[0-9A-Fa-f]{0,16}\\|([\\w.+`]{1,300})\\|(.*)$",
			Pattern.DOTALL);

	private static final List<String> BUSY_TYPES = List.of("ServerBusyException", "CmdletProxyNotAvailableFailure");

	private static final List<String> BUSY_TEXTS = List.of("maximum number of concurrent requests", "micro delay",
			"serverbusy", "server is busy", "exceeded the budget", "cmdletproxynotavailablefailure");

	private static final List<String> PASSING_TYPES = List.of("TransientException", "BackendCommunicationException",
			"UnableToWriteToAadException");

	private static final List<String> EXISTS_TEXTS = List.of("already exists", "already being used");

	private static final List<String> MISSING_TEXTS = List.of("couldn't be found", "couldn\u2019t be found",
			"could not be found on");

	private static final List<String> PERMISSION_TEXTS = List.of("not present in the role definition",
			"is not allowed to call");

	private CmdletErrors() {
	}

	/**
	 * The error, if there is one, in a body that came with a status of success.
	 */
	static boolean isError(JsonNode body) {
		return present(body.get("error")) || present(body.get("@odata.error"))
				|| (body.get("@adminapi.errors") != null && !body.get("@adminapi.errors").isEmpty());
	}

	static Failure read(HttpResponse<byte[]> response, Effect effect, String token) {
		Told told = Told.in(response);
		int status = response.statusCode();
		Duration wait = RetryAfter.of(response.headers().firstValue("Retry-After"));
		if (status == 429 || status == 425 || told.isOneOf(BUSY_TYPES) || told.says(BUSY_TEXTS)
				|| (status == 503 && wait != null)) {
			return new Failure(Failure.Kind.RETRYABLE,
					"Exchange Online is busy and did not carry this out. Nothing was changed; try again later.",
					told.detail(), wait);
		}
		if (told.isOneOf(List.of("AlreadyExistsException")) || told.says(EXISTS_TEXTS)) {
			return new Failure(Failure.Kind.CONFLICT_EXISTS,
					"A connector of this name exists already. Compare it with what is wanted, then adopt it, rename it"
							+ " or choose another name.",
					told.detail(), null);
		}
		if (told.isOneOf(List.of("ManagementObjectNotFoundException")) || told.says(MISSING_TEXTS)
				|| (status == 404 && told.envelope())) {
			return new Failure(Failure.Kind.NOT_FOUND,
					"The connector is not in the tenant (any more), or is so new that it cannot be seen yet. List the"
							+ " connectors again.",
					told.detail(), null);
		}
		if (status == 403 || told.says(PERMISSION_TEXTS)) {
			return new Failure(Failure.Kind.PERMISSION,
					"The application is signed in but has no role for this. Give its service principal the Entra role"
							+ " Exchange Administrator, or an Exchange role group with \"Remote and Accepted Domains\""
							+ " and \"View-Only Configuration\". A new role can take an hour to work.",
					told.detail(), null);
		}
		if (status == 401) {
			return new Failure(Failure.Kind.AUTHENTICATION, unauthorized(token), told.detail(), null);
		}
		if (told.isOneOf(PASSING_TYPES) || told.says(List.of("issue may be transient")) || status == 408
				|| status >= 500) {
			return lost(effect, "HTTP status " + status + ((told.detail() != null) ? ": " + told.detail() : ""), wait);
		}
		return refused(told, status);
	}

	/**
	 * A request went out and its answer did not come, or does not tell what happened.
	 */
	static Failure lost(Effect effect, @Nullable String detail, @Nullable Duration retryAfter) {
		return switch (effect) {
			case WRITE -> new Failure(Failure.Kind.AMBIGUOUS_WRITE,
					"The change was sent to Exchange Online, but its answer was lost. It may or may not have been"
							+ " carried out: list the connectors and compare before trying again.",
					Detail.of(detail), retryAfter);
			case READ, VALIDATE -> new Failure(Failure.Kind.RETRYABLE,
					"Exchange Online did not answer, or had a passing fault. Nothing was changed; try again later.",
					Detail.of(detail), retryAfter);
		};
	}

	private static Failure refused(Told told, int status) {
		if (told.isOneOf(List.of("AmbiguousParameterSetException"))) {
			return new Failure(Failure.Kind.INVALID,
					"Exchange Online does not know one of the settings sent, or misses one. Its words below name it;"
							+ " report them to whoever maintains the portal.",
					told.detail(), null);
		}
		if (told.isOneOf(List.of("ConnectorStillReferenced", "ConnectorStillReferencedException"))
				|| told.says(List.of("still referenced"))) {
			return new Failure(Failure.Kind.INVALID,
					"A mail-flow rule of the tenant still uses this connector. Change the rule first, then try again.",
					told.detail(), null);
		}
		if (told.envelope()) {
			return new Failure(Failure.Kind.INVALID,
					"Exchange Online refused these settings. Its words below say why; correct them and try again.",
					told.detail(), null);
		}
		return new Failure(Failure.Kind.PERMANENT,
				"The answer (HTTP status " + status + ") is not one of Exchange Online's. Check"
						+ " portal.exchange.endpoint and portal.exchange.cloud, and whether a proxy stands between.",
				told.detail(), null);
	}

	/**
	 * A 401 has no text, but our token tells whether the permission is in it.
	 */
	private static String unauthorized(String token) {
		return grantsManageAsApp(token)
				? "Exchange Online does not accept the application's token although the permission is in it. Check that"
						+ " portal.exchange.tenant-id and portal.exchange.cloud belong together; a new consent can take"
						+ " an hour to work."
				: "Exchange Online does not accept the application. Give it the application permission"
						+ " Exchange.ManageAsApp of \"Office 365 Exchange Online\" and grant admin consent in the app"
						+ " registration.";
	}

	private static boolean grantsManageAsApp(String token) {
		String[] parts = token.split("\\.", -1);
		if (parts.length != 3) {
			return false;
		}
		try {
			JsonNode roles = MAPPER.readTree(Base64.getUrlDecoder().decode(parts[1])).path("roles");
			for (JsonNode role : roles) {
				if (role.isString() && role.stringValue().equals("Exchange.ManageAsApp")) {
					return true;
				}
			}
			return false;
		}
		catch (IllegalArgumentException | JacksonException ex) {
			return false;
		}
	}

	private static boolean present(@Nullable JsonNode node) {
		return node != null && !node.isNull();
	}

	/**
	 * What an answer says about its failure.
	 *
	 * @param types names of exceptions, as far as they are given
	 * @param detail the words, made safe
	 * @param envelope whether it is an error of the service's own form
	 */
	private record Told(List<String> types, @Nullable String detail, boolean envelope) {

		static Told in(HttpResponse<byte[]> response) {
			List<String> types = new ArrayList<>();
			response.headers().firstValue("X-ExceptionType").ifPresent(types::add);
			String body = new String(response.body(), StandardCharsets.UTF_8);
			JsonNode error = error(response.body());
			if (error == null) {
				return new Told(types, Detail.of(body), false);
			}
			JsonNode inner = error.path("innererror");
			JsonNode internal = inner.has("internalexception") ? inner.path("internalexception")
					: inner.path("internalException");
			String text = untagged(text(internal, "message"), types);
			String type = text(internal, "type");
			if (type != null) {
				types.add(type);
			}
			for (JsonNode detail : error.path("details")) {
				String words = untagged(text(detail, "message"), types);
				text = (text != null) ? text : words;
			}
			text = (text != null) ? text : untagged(text(error, "message"), types);
			return new Told(types, Detail.of((text != null) ? text : body), true);
		}

		boolean isOneOf(List<String> endings) {
			return this.types.stream().anyMatch((type) -> endings.stream().anyMatch(type::endsWith));
		}

		boolean says(List<String> words) {
			String lower = (this.detail != null) ? this.detail.toLowerCase(Locale.ROOT) : "";
			return words.stream().anyMatch(lower::contains);
		}

		private static @Nullable JsonNode error(byte[] body) {
			try {
				JsonNode root = MAPPER.readTree(body);
				if (root == null) {
					return null;
				}
				if (present(root.get("error")) && root.path("error").isObject()) {
					return root.path("error");
				}
				if (present(root.get("@odata.error")) && root.path("@odata.error").isObject()) {
					return root.path("@odata.error");
				}
				JsonNode errors = root.path("@adminapi.errors");
				return (errors.isArray() && !errors.isEmpty()) ? collected(errors) : null;
			}
			catch (JacksonException ex) {
				return null;
			}
		}

		private static JsonNode collected(JsonNode errors) {
			JsonNode first = errors.get(0);
			return first.isObject() ? first : MAPPER.createObjectNode().set("message", first);
		}

		private static @Nullable String text(JsonNode node, String key) {
			JsonNode value = node.path(key);
			return value.isString() && !value.stringValue().isBlank() ? value.stringValue() : null;
		}

		private static @Nullable String untagged(@Nullable String message, List<String> types) {
			if (message == null) {
				return null;
			}
			Matcher tagged = TAGGED.matcher(message);
			if (!tagged.matches()) {
				return message;
			}
			types.add(tagged.group(1));
			return tagged.group(2);
		}

	}

}
