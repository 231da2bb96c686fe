package lab;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

import static lab.LabLayout.escape;

/**
 * How the tenant behaves from now on, as switches of the lab's page; and what can be put
 * into it that no connector is.
 */
final class TenantSwitches {

	private record Switch(String label, BiConsumer<ExchangeOnlineDouble, Boolean> turn) {
	}

	private static final Map<String, Switch> SWITCHES = switches();

	private final ExchangeOnlineDouble exchange;

	private final Map<String, Boolean> on = new ConcurrentHashMap<>();

	TenantSwitches(ExchangeOnlineDouble exchange) {
		this.exchange = exchange;
	}

	private static Map<String, Switch> switches() {
		Map<String, Switch> switches = new LinkedHashMap<>();
		switches.put("no-permission",
				new Switch("The application has no permission (401)", (exchange, on) -> exchange.permission(!on)));
		switches.put("no-role", new Switch("The application has no role (403)", (exchange, on) -> exchange.role(!on)));
		switches
			.put("no-trace",
					new Switch("The role has no message trace and no mail-flow rules",
							(exchange,
									on) -> exchange.forbid(on
											? new String[] { "Get-MessageTraceV2", "Get-MessageTraceDetailV2",
													"Get-TransportRule", "Get-OutboundConnectorReport" }
											: new String[0])));
		switches.put("other-audience", new Switch("Tokens are for something else",
				(exchange, on) -> exchange.audience(on ? "https://graph.microsoft.com" : ExchangeSignIn.RESOURCE)));
		switches.put("short-tokens", new Switch("Tokens last six minutes",
				(exchange, on) -> exchange.tokenLifetime(on ? Duration.ofMinutes(6) : Duration.ofSeconds(3599))));
		switches.put("slow", new Switch("Every call takes two seconds",
				(exchange, on) -> exchange.latency(on ? Duration.ofSeconds(2) : Duration.ZERO)));
		switches.put("invisible", new Switch("New connectors are not seen by the next three reads",
				(exchange, on) -> exchange.invisibleReads(on ? 3 : 0)));
		switches.put("silent",
				new Switch("New connectors are made without an answer", (exchange, on) -> exchange.silentNew(on)));
		switches.put("taken-409", new Switch("A taken name is answered with 409",
				(exchange, on) -> exchange.duplicateStatus(on ? 409 : 400)));
		switches.put("everything", new Switch("An unknown identity gets everything instead of 404",
				(exchange, on) -> exchange.everythingForUnknown(on)));
		switches.put("pages", new Switch("Lists come in pages of two",
				(exchange, on) -> exchange.pages(on ? 2 : Integer.MAX_VALUE, true)));
		switches.put("expired-pages", new Switch("Lists come in pages of two whose links are expired",
				(exchange, on) -> exchange.pages(on ? 2 : Integer.MAX_VALUE, !on)));
		switches.put("details-only", new Switch("Errors have details only", (exchange, on) -> exchange
			.envelope(on ? ExchangeOnlineDouble.Envelope.DETAILS : ExchangeOnlineDouble.Envelope.BOTH)));
		switches.put("inner-only", new Switch("Errors have an inner error only", (exchange, on) -> exchange
			.envelope(on ? ExchangeOnlineDouble.Envelope.INNER : ExchangeOnlineDouble.Envelope.BOTH)));
		return switches;
	}

	/**
	 * Sets all switches to what a form says, those first that are off: two may be about
	 * the same thing.
	 */
	void set(Map<String, String> form) {
		for (boolean state : List.of(false, true)) {
			SWITCHES.forEach((key, one) -> {
				boolean wanted = form.containsKey(key);
				if (wanted == state && (wanted || this.on.getOrDefault(key, false))) {
					one.turn().accept(this.exchange, wanted);
					this.on.put(key, wanted);
				}
			});
		}
	}

	/** Adds a mail-flow rule, or removes all of them. */
	void rule(Map<String, String> form) {
		if (form.containsKey("remove")) {
			this.exchange.removeRules();
			return;
		}
		String domain = form.getOrDefault("domain", "").strip();
		this.exchange.rule("Lab rule " + (this.exchange.rules().size() + 1), form.getOrDefault("connector", "").strip(),
				domain.isEmpty() ? List.of() : List.of(domain), true);
	}

	/** Notes a message in the trace. */
	void trace(Map<String, String> form) {
		String status = List.of("Pending", "Failed", "Delivered").contains(form.get("status")) ? form.get("status")
				: "Pending";
		this.exchange.trace(form.getOrDefault("from", "").strip(), form.getOrDefault("to", "").strip(), status, null,
				form.getOrDefault("words", "").strip());
	}

	/** The three forms. */
	String forms() {
		String boxes = SWITCHES.entrySet()
			.stream()
			.map((one) -> "<div class=\"form-check\"><input class=\"form-check-input\" type=\"checkbox\" name=\""
					+ one.getKey() + "\" id=\"switch-" + one.getKey() + "\""
					+ (this.on.getOrDefault(one.getKey(), false) ? " checked" : "") + "><label for=\"switch-"
					+ one.getKey() + "\">" + escape(one.getValue().label()) + "</label></div>")
			.collect(Collectors.joining());
		return """
				<form method="post" action="/tenant/switches" class="card-body"><fieldset class="field">
				<legend class="form-label">From now on</legend>%s</fieldset>
				<button class="btn btn-primary">Change</button></form>
				<form method="post" action="/tenant/rules" class="card-body border-top"><p>%d mail-flow rules route mail.</p>
				%s%s<button class="btn btn-primary">Add a rule</button>
				<button class="btn btn-quiet" name="remove" value="true" formnovalidate>Remove all</button></form>
				<form method="post" action="/tenant/trace" class="card-body border-top">%s%s
				<div class="field"><label class="form-label" for="status">State</label>
				<select class="form-select" id="status" name="status"><option>Pending</option><option>Failed</option><option>Delivered</option></select></div>
				%s<button class="btn btn-primary">Note in the message trace</button></form>
				"""
			.formatted(boxes, this.exchange.rules().size(), field("connector", "Connector", "To the gateway", true),
					field("domain", "Recipient domain (optional)", "nordwind.example", false),
					field("from", "From", "ines.albrecht@contoso.example", true),
					field("to", "To", "greta@nordwind.example", true),
					field("words", "What happened", "450 4.7.320 Certificate validation failed", true));
	}

	private static String field(String name, String label, String value, boolean required) {
		return "<div class=\"field\"><label class=\"form-label\" for=\"" + name + "\">" + label
				+ "</label><input class=\"form-control\" id=\"" + name + "\" name=\"" + name + "\" value=\""
				+ (required ? escape(value) : "") + "\"" + (required ? " required" : "") + "></div>";
	}

}
