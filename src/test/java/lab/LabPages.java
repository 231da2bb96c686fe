package lab;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import static lab.LabLayout.escape;

/**
 * The lab's own pages, on a port of their own: the mail that the portal sent, the
 * partners' side and the tenant. Answers browsers on this machine only, and takes forms
 * from its own pages only.
 */
public final class LabPages implements AutoCloseable {

	private static final int MOST_BYTES = 64 * 1024;

	private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("d MMM, HH:mm:ss 'UTC'")
		.withZone(ZoneOffset.UTC);

	/** A one-time code on a line of its own. */
	private static final Pattern CODE = Pattern.compile("(?m)^\\s+([A-Z0-9]{4}[ -]?[A-Z0-9]{4})\\s*$");

	private static final Pattern LINK = Pattern.compile("https?://[^\\s<>\"']+[^\\s<>\"'.,;:)]");

	private static final Map<String, String> TYPES = Map.of("css", "text/css", "js", "text/javascript", "svg",
			"image/svg+xml", "woff2", "font/woff2", "woff", "font/woff");

	private static final Map<String, ExchangeFault> TENANT_FAULTS = tenantFaults();

	private final Neighbourhood neighbourhood;

	private final TenantSwitches switches;

	private final URI portal;

	private final HttpServer server;

	private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

	private final PartnerPages partners;

	private LabPages(Neighbourhood neighbourhood, URI portal, InetSocketAddress address) throws IOException {
		this.neighbourhood = neighbourhood;
		this.switches = new TenantSwitches(neighbourhood.exchange());
		this.partners = new PartnerPages(neighbourhood);
		this.portal = portal;
		this.server = HttpServer.create(address, 0);
		this.server.setExecutor(this.executor);
		this.server.createContext("/", this::handle);
		this.server.start();
	}

	/**
	 * Starts.
	 * @param portal where the links to the portal lead
	 * @param address where they listen
	 * @param port 0 for any that is free
	 */
	public static LabPages start(Neighbourhood neighbourhood, URI portal, String address, int port) throws IOException {
		return new LabPages(neighbourhood, portal, new InetSocketAddress(InetAddress.ofLiteral(address), port));
	}

	public URI address() {
		return URI.create("http://localhost:" + this.server.getAddress().getPort());
	}

	@Override
	public void close() {
		this.server.stop(0);
		this.executor.shutdownNow();
	}

	private void handle(HttpExchange exchange) throws IOException {
		try (exchange) {
			Answer answer;
			try {
				answer = answer(exchange);
			}
			catch (IllegalArgumentException | ExchangeRefusal ex) {
				answer = new Answer(422, "text/html", page("That did not work", """
						<h1>That did not work</h1><p class="lead">%s</p><p>Go back, change it and try again.</p>
						""".formatted(escape(ex.getMessage()))));
			}
			byte[] body = answer.body;
			exchange.getResponseHeaders().set("Content-Type", answer.type);
			exchange.getResponseHeaders().set("Content-Security-Policy", LabLayout.POLICY + "; form-action 'self'");
			exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
			exchange.getResponseHeaders().set("Referrer-Policy", "same-origin");
			// A form that followed its page at once on the same connection was now and
			// then never answered.
			exchange.getResponseHeaders().set("Connection", "close");
			if (answer.status == 303) {
				exchange.getResponseHeaders().set("Location", new String(body, StandardCharsets.UTF_8));
				exchange.sendResponseHeaders(303, -1);
				return;
			}
			boolean head = exchange.getRequestMethod().equals("HEAD");
			exchange.sendResponseHeaders(answer.status, (head || body.length == 0) ? -1 : body.length);
			if (!head) {
				exchange.getResponseBody().write(body);
			}
		}
	}

	private Answer answer(HttpExchange exchange) throws IOException {
		if (!isAsked(exchange.getRequestHeaders().getFirst("Host"))) {
			return refusal(403, "The lab answers at " + address() + " only.");
		}
		String path = exchange.getRequestURI().getPath();
		return switch (exchange.getRequestMethod()) {
			case "GET", "HEAD" -> get(path);
			case "POST" -> isFromHere(exchange) ? post(path, form(exchange))
					: refusal(403, "The lab takes forms from its own pages only.");
			default -> refusal(405, "The lab does not know this method.");
		};
	}

	/**
	 * A name that somebody else's DNS leads to this machine is not asked for here.
	 */
	private boolean isAsked(String host) {
		int port = this.server.getAddress().getPort();
		return Set.of("localhost:" + port, "127.0.0.1:" + port).contains(String.valueOf(host));
	}

	private static boolean isFromHere(HttpExchange exchange) {
		String origin = exchange.getRequestHeaders().getFirst("Origin");
		return ("http://" + exchange.getRequestHeaders().getFirst("Host")).equals(origin);
	}

	private Answer get(String path) throws IOException {
		List<String> segments = segments(path);
		return switch (segments.getFirst()) {
			case "" -> html(index());
			case "inbox" -> (segments.size() == 1) ? html(inbox()) : mail(segments.get(1));
			case "partners" -> (segments.size() == 1) ? html(page("The partners' side", this.partners.list()))
					: partner(segments.get(1));
			case "tenant" -> html(tenant());
			case "webhooks" -> html(webhooks());
			case "css", "js", "favicon.svg" -> resource("/static" + path);
			case "webjars" -> resource("/META-INF/resources" + path);
			default -> missing();
		};
	}

	private Answer post(String path, Map<String, String> form) {
		List<String> segments = segments(path);
		if (segments.getFirst().equals("partners")) {
			String next = (segments.size() == 1) ? this.partners.add(form)
					: this.partners.change(segments.get(1), segments.getLast(), form);
			return (next != null) ? redirect(next) : missing();
		}
		if (path.equals("/webhooks/answer")) {
			this.neighbourhood.webhooks().answer("500".equals(form.get("answer")) ? 500 : 0);
			return redirect("/webhooks");
		}
		if (path.equals("/tenant/faults")) {
			ExchangeFault fault = chosen(TENANT_FAULTS, form.get("fault"));
			this.neighbourhood.exchange()
				.failNext(fault.on().equals(ExchangeFault.TOKEN) ? fault : fault.on(prefix(form.get("on"))));
			return redirect("/tenant");
		}
		if (path.equals("/tenant/faults/removal")) {
			this.neighbourhood.exchange().forgetFaults();
			return redirect("/tenant");
		}
		if (path.equals("/tenant/switches")) {
			this.switches.set(form);
			return redirect("/tenant");
		}
		if (path.equals("/tenant/rules")) {
			this.switches.rule(form);
			return redirect("/tenant");
		}
		if (path.equals("/tenant/trace")) {
			this.switches.trace(form);
			return redirect("/tenant");
		}
		if (path.equals("/tenant/connectors")) {
			return changeConnector(form);
		}
		return missing();
	}

	// What is done

	private Answer changeConnector(Map<String, String> form) {
		String kind = "inbound".equals(form.get("kind")) ? "InboundConnector" : "OutboundConnector";
		String identity = form.getOrDefault("identity", "");
		switch (form.getOrDefault("act", "")) {
			case "remove" -> this.neighbourhood.exchange()
				.runAside("Remove-" + kind, Map.of("Identity", identity, "Confirm", false));
			case "disable" ->
				this.neighbourhood.exchange().runAside("Set-" + kind, Map.of("Identity", identity, "Enabled", false));
			case "enable" ->
				this.neighbourhood.exchange().runAside("Set-" + kind, Map.of("Identity", identity, "Enabled", true));
			default -> {
				return missing();
			}
		}
		return redirect("/tenant");
	}

	// What is shown

	private Answer partner(String domain) {
		Neighbourhood.Partner partner = this.neighbourhood.partner(domain);
		return html(page(partner.name(), this.partners.one(partner)));
	}

	private String index() {
		return page("Overview",
				"""
						<h1>The lab</h1>
						<p class="lead">The portal is real. Everything around it is played by this machine.</p>
						<div class="card"><ul class="list-group list-group-flush">
						%s%s%s%s%s
						</ul></div>
						<h2 class="mt-4">Who can sign in</h2>
						<div class="card"><div class="table-responsive"><table class="table mb-0"><thead><tr><th>Who</th><th>Role</th></tr></thead><tbody>%s</tbody></table></div></div>
						<p class="mt-3 text-secondary">Partners sign in with an address in their own domain and a code from the inbox.</p>
						"""
					.formatted(place(this.portal.toString(), "The portal", "What all of this is about."),
							place("/inbox", "Inbox",
									"Every message that the portal sent: invitations, codes, reminders."),
							place("/partners", "The partners' side",
									"Publish DNS records, break mail servers, send test messages, read what arrived."),
							place("/tenant", "The tenant",
									"Exchange Online's connectors as stored, and ways to make it fail."),
							place("/webhooks", "Webhooks",
									"Who is told of alarms: a pager that looks at signatures, and Teams."),
							IdentityProvider.PERSONAS.stream()
								.map((persona) -> "<tr><th scope=\"row\">" + escape(persona.name()) + "<small>"
										+ escape(persona.address()) + "</small></th><td>" + escape(persona.roleWords())
										+ "</td></tr>")
								.collect(Collectors.joining())));
	}

	private static String place(String link, String name, String about) {
		return "<li class=\"list-group-item bg-transparent\"><a href=\"" + escape(link) + "\"><strong>" + escape(name)
				+ "</strong></a><br><span class=\"text-secondary\">" + escape(about) + "</span></li>";
	}

	private String inbox() {
		List<MailHub.StoredMail> mails = this.neighbourhood.mail().outgoing();
		String rows = mails.stream()
			.map((mail) -> """
					<tr><th scope="row"><a href="/inbox/%s">%s</a></th><td>%s</td><td>%s</td></tr>
					""".formatted(escape(mail.id()), escape(subject(mail)), escape(String.join(", ", mail.to())),
					time(mail.time())))
			.collect(Collectors.joining());
		return page("Inbox", """
				<h1>Inbox</h1>
				<p class="lead">Everything the portal sent, whoever it was for. It is forgotten when the lab stops.</p>
				%s
				""".formatted(mails.isEmpty() ? "<p>Nothing yet.</p>" : table("Message", "To", "Sent", rows)));
	}

	private Answer mail(String id) {
		Optional<MailHub.StoredMail> found = this.neighbourhood.mail()
			.outgoing()
			.stream()
			.filter((mail) -> mail.id().equals(id))
			.findFirst();
		if (found.isEmpty()) {
			return missing();
		}
		MailHub.StoredMail mail = found.get();
		Matcher code = CODE.matcher(mail.text());
		String copied = code.find() ? """
				<p><code class="fs-3 user-select-all" id="code">%s</code> %s</p>
				""".formatted(escape(code.group(1)), copyButton("code")) : "";
		return html(page(subject(mail), """
				<p class="crumbs"><a href="/inbox">Inbox</a></p><h1>%s</h1>
				<p class="text-secondary">To %s · from %s · %s</p>%s
				<div class="card"><div class="card-body"><pre class="mb-0 text-wrap">%s</pre></div></div>
				<details class="mt-3"><summary>All headers</summary><pre class="text-wrap">%s</pre></details>
				""".formatted(escape(subject(mail)), escape(String.join(", ", mail.to())), escape(mail.from()),
				time(mail.time()), copied, linked(mail.text()), escape(String.join("\n", mail.headers())))));
	}

	private String tenant() {
		ExchangeOnlineDouble exchange = this.neighbourhood.exchange();
		String faults = TENANT_FAULTS.keySet()
			.stream()
			.map((name) -> "<option>" + escape(name) + "</option>")
			.collect(Collectors.joining());
		List<ExchangeOnlineDouble.Call> calls = exchange.calls().reversed();
		String rows = calls.stream().limit(50).map(LabPages::call).collect(Collectors.joining());
		return page("The tenant", """
				<h1>The tenant</h1>
				<p class="lead">Exchange Online's connectors as they are stored, whoever made them.</p>
				%s%s%s%s%s
				""".formatted(connectors("Outbound connectors", "outbound", exchange.outbound()),
				connectors("Inbound connectors", "inbound", exchange.inbound()), section("Let a call fail", """
						<form method="post" action="/tenant/faults" class="card-body"><div class="field">
						<label class="form-label" for="fault">What the next call meets</label>
						<select class="form-select" id="fault" name="fault">%s</select></div>
						<div class="field"><label class="form-label" for="on">Which call</label>
						<select class="form-select" id="on" name="on"><option value="">Any</option><option>Get-</option>
						<option>New-</option><option>Set-</option><option>Remove-</option><option>Validate-</option>
						<option value="token">Sign-in</option></select></div>
						<button class="btn btn-primary">Add</button></form>
						<form method="post" action="/tenant/faults/removal" class="card-body border-top">
						<p>%d waiting to be met.</p><button class="btn btn-quiet">Forget them</button></form>
						""".formatted(faults, exchange.waitingFaults())),
				section("How the tenant behaves", this.switches.forms()), section("Last calls", calls.isEmpty()
						? "<div class=\"card-body\">None yet.</div>" : table("Cmdlet", "Answer", "At", rows))));
	}

	private String webhooks() {
		WebhookReceiver receiver = this.neighbourhood.webhooks();
		List<WebhookReceiver.Message> messages = receiver.messages();
		String rows = messages.stream()
			.map((message) -> """
					<tr><th scope="row">%s<small>%s</small></th><td class="text-break"><details><summary>%s</summary><pre class="text-wrap">%s</pre></details></td><td>%s</td></tr>
					"""
				.formatted(message.path().equals("/teams") ? "Teams" : "Pager", escape(message.id()),
						escape(message.seal().words()), escape(message.body()), time(message.at())))
			.collect(Collectors.joining());
		boolean failing = receiver.answer() != 0;
		return page("Webhooks",
				"""
						<h1>Webhooks</h1>
						<p class="lead">What the portal tells of alarms. The pager refuses what is not signed with its secret.</p>
						<form method="post" action="/webhooks/answer" class="actions mb-3"><input type="hidden" name="answer" value="%s">
						<button class="btn btn-quiet">%s</button></form>%s
						"""
					.formatted(failing ? "0" : "500",
							failing ? "Answer as they should again" : "Answer 500 from now on",
							messages.isEmpty() ? "<p>Nothing yet.</p>" : table("To", "Message", "At", rows)));
	}

	private static String call(ExchangeOnlineDouble.Call call) {
		return """
				<tr><th scope="row">%s<small class="text-break">%s</small></th><td>%s</td><td>%s</td></tr>
				""".formatted(escape(call.cmdlet().isEmpty() ? "unreadable" : call.cmdlet()), escape(call.parameters()),
				((call.status() == 0) ? "connection cut" : String.valueOf(call.status()))
						+ (call.executed() ? "" : ", nothing done"),
				time(call.at()));
	}

	private static String connectors(String title, String kind, List<Map<String, Object>> connectors) {
		String cards = connectors.stream()
			.map((connector) -> connector(kind, connector))
			.collect(Collectors.joining("<hr class=\"my-0\">"));
		return section(title, connectors.isEmpty() ? "<div class=\"card-body\">None.</div>" : cards);
	}

	private static String connector(String kind, Map<String, Object> connector) {
		boolean enabled = Boolean.TRUE.equals(connector.get("Enabled"));
		String fields = connector.entrySet()
			.stream()
			.map((field) -> "<tr><th scope=\"row\">" + escape(field.getKey()) + "</th><td class=\"text-break\">"
					+ escape(field.getValue()) + "</td></tr>")
			.collect(Collectors.joining());
		return """
				<div class="card-body"><h3>%s <span class="status %s">%s</span></h3>
				<form method="post" action="/tenant/connectors" class="actions">
				<input type="hidden" name="kind" value="%s"><input type="hidden" name="identity" value="%s">
				<button class="btn btn-sm btn-quiet" name="act" value="%s">%s</button>
				<button class="btn btn-sm btn-quiet" name="act" value="remove">Remove</button></form>
				<details class="mt-2"><summary>All fields</summary><div class="table-responsive"><table class="table table-sm">%s</table></div></details></div>
				"""
			.formatted(escape(connector.get("Name")), enabled ? "good" : "idle", enabled ? "Enabled" : "Disabled", kind,
					escape(connector.get("Guid")), enabled ? "disable" : "enable", enabled ? "Disable" : "Enable",
					fields);
	}

	// Parts

	private String page(String title, String body) {
		return LabLayout.page(title, """
				<nav class="account" aria-label="Lab"><a href="/inbox">Inbox</a> <a href="/partners">Partners</a>
				<a href="/tenant">Tenant</a> <a href="/webhooks">Webhooks</a> <a href="%s">Portal</a></nav>
				""".formatted(escape(this.portal)), body);
	}

	static String section(String title, String content) {
		return "<section class=\"card mt-3\"><div class=\"card-header\"><h2>" + escape(title) + "</h2></div>" + content
				+ "</section>";
	}

	static String table(String first, String second, String third, String rows) {
		return """
				<div class="card"><div class="table-responsive"><table class="table mb-0"><thead><tr><th>%s</th><th>%s</th><th>%s</th></tr></thead>
				<tbody>%s</tbody></table></div></div>
				"""
			.formatted(first, second, third.isEmpty() ? "<span class=\"visually-hidden\">Act</span>" : third, rows);
	}

	static String field(String name, String label, String example, String autocomplete) {
		return """
				<div class="field"><label class="form-label" for="%1$s">%2$s</label>
				<input class="form-control" id="%1$s" name="%1$s" placeholder="%3$s" autocomplete="%4$s" required></div>
				""".formatted(name, label, escape(example), autocomplete);
	}

	static String copyButton(String id) {
		return "<button type=\"button\" class=\"btn btn-sm btn-quiet\" data-copy=\"" + id
				+ "\"><span role=\"status\">Copy</span></button>";
	}

	private static Map<String, ExchangeFault> tenantFaults() {
		Map<String, ExchangeFault> faults = new LinkedHashMap<>();
		faults.put("401 not signed in", ExchangeFault.unauthorized());
		faults.put("403 no role", ExchangeFault.forbidden());
		faults.put("429 too many calls, try again in 5 seconds", ExchangeFault.throttled(Duration.ofSeconds(5)));
		faults.put("503 not available", ExchangeFault.unavailable());
		faults.put("Connection cut before anything is done", ExchangeFault.cutBefore());
		faults.put("Connection cut after the change is stored", ExchangeFault.cutAfterCommit());
		faults.put("Connection cut within the answer", ExchangeFault.cutInBody());
		faults.put("Answer 15 seconds late", ExchangeFault.slow(Duration.ofSeconds(15)));
		faults.put("Answer 15 minutes late", ExchangeFault.slow(Duration.ofMinutes(15)));
		faults.put("Carried out 3 minutes late, after everybody gave up", ExchangeFault.late(Duration.ofMinutes(3)));
		faults.put("Answer 503 although it was carried out", ExchangeFault.unavailable().afterCommit());
		faults.put("400 that is passing", ExchangeFault.passing());
		faults.put("400 too many at once", ExchangeFault.crowded());
		faults.put("200 with an error in it",
				ExchangeFault.errorAsSuccess("System.Exception", "Something went wrong after all."));
		faults.put("202 accepted, not finished", ExchangeFault.accepted(URI.create("http://127.0.0.1:1/later")));
		faults.put("307 to a strange host",
				ExchangeFault.redirect(307, URI.create("https://outlook.office365.com.example/")));
		faults.put("A warning beside the answer", ExchangeFault.warned("The change takes effect within an hour."));
		faults.put("Only part of a list", ExchangeFault.truncated());
		faults.put("Sign-in: the secret has expired", ExchangeFault.signInRefused(401, "invalid_client", 7000222,
				"The provided client secret keys are expired."));
		faults.put("Sign-in: nobody has consented", ExchangeFault.signInRefused(400, "invalid_grant", 65001,
				"The user or administrator has not consented."));
		return faults;
	}

	private static ExchangeFault chosen(Map<String, ExchangeFault> faults, String name) {
		ExchangeFault fault = faults.get(String.valueOf(name));
		if (fault == null) {
			throw new IllegalArgumentException("There is no such fault.");
		}
		return fault;
	}

	private static String prefix(String on) {
		return Set.of("Get-", "New-", "Set-", "Remove-", "Validate-", ExchangeFault.TOKEN).contains(String.valueOf(on))
				? on : "";
	}

	private static String subject(MailHub.StoredMail mail) {
		return mail.subject().isBlank() ? "(no subject)" : mail.subject();
	}

	static String time(Instant time) {
		return "<time datetime=\"" + time + "\">" + TIME.format(time) + "</time>";
	}

	private static String linked(String text) {
		StringBuilder html = new StringBuilder();
		Matcher link = LINK.matcher(text);
		int from = 0;
		while (link.find()) {
			html.append(escape(text.substring(from, link.start())))
				.append("<a href=\"")
				.append(escape(link.group()))
				.append("\">")
				.append(escape(link.group()))
				.append("</a>");
			from = link.end();
		}
		return html.append(escape(text.substring(from))).toString();
	}

	// HTTP

	private static List<String> segments(String path) {
		return Arrays.asList(path.substring(1).split("/", -1));
	}

	private static Map<String, String> form(HttpExchange exchange) throws IOException {
		byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES);
		Map<String, String> form = new HashMap<>();
		for (String field : new String(body, StandardCharsets.UTF_8).split("&", -1)) {
			int equals = field.indexOf('=');
			if (equals > 0) {
				form.put(URLDecoder.decode(field.substring(0, equals), StandardCharsets.UTF_8),
						URLDecoder.decode(field.substring(equals + 1), StandardCharsets.UTF_8));
			}
		}
		return form;
	}

	private Answer resource(String name) throws IOException {
		String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
		try (InputStream in = name.contains("..") ? null : LabPages.class.getResourceAsStream(name)) {
			return (in == null || type == null) ? missing() : new Answer(200, type, in.readAllBytes());
		}
	}

	private static Answer html(String page) {
		return new Answer(200, "text/html", page);
	}

	private Answer missing() {
		return new Answer(404, "text/html", page("Not found", "<h1>There is nothing here</h1>"));
	}

	private static Answer refusal(int status, String sentence) {
		return new Answer(status, "text/plain", sentence + "\n");
	}

	private static Answer redirect(String path) {
		return new Answer(303, "text/plain", path);
	}

	private static final class Answer {

		private final int status;

		private final String type;

		private final byte[] body;

		Answer(int status, String type, byte[] body) {
			this.status = status;
			this.type = type;
			this.body = body;
		}

		Answer(int status, String type, String text) {
			this(status, type + "; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
		}

	}

}
