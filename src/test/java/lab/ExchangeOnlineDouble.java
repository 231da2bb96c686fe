package lab;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * A tenant of Exchange Online with its sign-in service, on loopback, speaking the
 * protocol that the real one speaks: what goes over the wire, what is refused and how,
 * what is stored differently from what was sent. What goes wrong is asked for with
 * {@link #failNext}.
 */
public final class ExchangeOnlineDouble implements AutoCloseable {

	private static final JsonMapper MAPPER = JsonMapper.shared();

	private static final Pattern TOKEN_PATH = Pattern.compile("/([^/]{1,64})/oauth2/v2\\.0/token");

	private static final Pattern INVOKE_PATH = Pattern
		.compile("(?:/[a-z]{1,16})?/adminapi/(?:beta|v1\\.0)/([^/]{1,64})/InvokeCommand");

	private static final Pattern MODULE_PATH = Pattern.compile("/adminapi/v1\\.0/([^/]{1,64})/EXOModuleFile");

	private static final Pattern SKIP = Pattern.compile("\\$skiptoken=(\\d{1,9})");

	private static final int MOST_CALLS = 500;

	private static final int MOST_BYTES = 4 * 1024 * 1024;

	private final Settings settings;

	private final ExchangeTenant tenant;

	private final ExchangeSignIn signIn;

	private final HttpServer server;

	private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

	private final CountDownLatch closed = new CountDownLatch(1);

	private final Deque<ExchangeFault> faults = new ArrayDeque<>();

	private final Deque<Call> calls = new ArrayDeque<>();

	private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

	private final AtomicInteger tokenRequests = new AtomicInteger();

	private final AtomicInteger bearersSeen = new AtomicInteger();

	private volatile Envelope envelope = Envelope.BOTH;

	private volatile boolean role = true;

	private volatile Duration latency = Duration.ZERO;

	private final Deque<Meanwhile> meanwhile = new ArrayDeque<>();

	private int duplicateStatus = 400;

	private int invisibleReads;

	private boolean everythingForUnknown;

	private boolean silentNew;

	private volatile Set<String> forbidden = Set.of();

	private volatile int pageSize = Integer.MAX_VALUE;

	private volatile boolean pagesFollowed = true;

	/**
	 * Who may sign in, and where it listens.
	 *
	 * @param host a loopback address
	 * @param port 0: any
	 * @param certificate accepted for certificate assertions; null: none
	 * @param file keeps the tenant between starts; null: it is forgotten
	 */
	public record Settings(String host, int port, String tenantId, String clientId, String clientSecret,
			X509Certificate certificate, Path file, Clock clock, ExchangeValidator validator) {

		public static Settings defaults() {
			return new Settings("127.0.0.1", 0, "11111111-2222-3333-4444-555555555555",
					"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "lab-exchange-secret", null, null, Clock.systemUTC(),
					ExchangeValidator.CONTENT);
		}

		public Settings at(String host, int port) {
			return new Settings(host, port, this.tenantId, this.clientId, this.clientSecret, this.certificate,
					this.file, this.clock, this.validator);
		}

		public Settings trusting(X509Certificate certificate) {
			return new Settings(this.host, this.port, this.tenantId, this.clientId, this.clientSecret, certificate,
					this.file, this.clock, this.validator);
		}

		public Settings keptIn(Path file) {
			return new Settings(this.host, this.port, this.tenantId, this.clientId, this.clientSecret, this.certificate,
					file, this.clock, this.validator);
		}

		public Settings on(Clock clock) {
			return new Settings(this.host, this.port, this.tenantId, this.clientId, this.clientSecret, this.certificate,
					this.file, clock, this.validator);
		}

		public Settings validating(ExchangeValidator validator) {
			return new Settings(this.host, this.port, this.tenantId, this.clientId, this.clientSecret, this.certificate,
					this.file, this.clock, validator);
		}

	}

	/**
	 * One call that reached InvokeCommand.
	 *
	 * @param requestId its client-request-id
	 * @param status answered; 0: the connection was cut
	 * @param executed whether the cmdlet ran to its end
	 */
	public record Call(Instant at, String cmdlet, Map<String, Object> parameters, String requestId, int status,
			boolean executed) {
	}

	/**
	 * The two ways in which an exception is written, and both together.
	 */
	public enum Envelope {

		DETAILS, INNER, BOTH;

		String body(int status, String type, String text) {
			Map<String, Object> error = new LinkedHashMap<>();
			error.put("code", (status == 404) ? "NotFound" : (status >= 500) ? "InternalServerError" : "BadRequest");
			error.put("message", "Error executing cmdlet");
			if (this != INNER) {
				error.put("details",
						List.of(Map.of("code", "Context", "target", "", "message", "Ex6F9304|" + type + "|" + text)));
			}
			if (this != DETAILS) {
				error.put("innererror",
						Map.of("message", "Error executing cmdlet", "type",
								"Microsoft.Exchange.Admin.OData.Core.ODataServiceException", "stacktrace", "",
								"internalexception", Map.of("message", text, "type", type, "stacktrace", "")));
			}
			return MAPPER.writeValueAsString(Map.of("error", error));
		}

	}

	private ExchangeOnlineDouble(Settings settings) throws IOException {
		this.settings = settings;
		this.tenant = new ExchangeTenant(settings.clock(), settings.file(), settings.validator());
		this.signIn = new ExchangeSignIn(settings);
		this.server = HttpServer.create(new InetSocketAddress(settings.host(), settings.port()), 0);
		this.server.setExecutor(this.executor);
		this.server.createContext("/", this::handle);
		this.server.start();
	}

	public static ExchangeOnlineDouble start() throws IOException {
		return start(Settings.defaults());
	}

	public static ExchangeOnlineDouble start(Settings settings) throws IOException {
		return new ExchangeOnlineDouble(settings);
	}

	public URI address() {
		return URI.create("http://" + this.settings.host() + ":" + this.server.getAddress().getPort());
	}

	/**
	 * The configuration that leads a portal here.
	 */
	public Map<String, String> properties() {
		Map<String, String> properties = new LinkedHashMap<>();
		properties.put("portal.exchange.mode", "api");
		properties.put("portal.exchange.tenant-id", this.settings.tenantId());
		properties.put("portal.exchange.client-id", this.settings.clientId());
		properties.put("portal.exchange.client-secret", this.settings.clientSecret());
		properties.put("portal.exchange.endpoint", address().toString());
		properties.put("portal.exchange.authority", address().toString());
		return properties;
	}

	/**
	 * Lets a later call go wrong. Each call takes the first waiting fault that is meant
	 * for it.
	 */
	public void failNext(ExchangeFault fault) {
		synchronized (this.faults) {
			this.faults.add(fault);
		}
	}

	/**
	 * Has something happen in the tenant just before a later call is carried out, as when
	 * somebody else works in it at the same time.
	 * @param prefix the start of the cmdlet's name
	 */
	public void beforeNext(String prefix, Runnable act) {
		synchronized (this.faults) {
			this.meanwhile.add(new Meanwhile(prefix, act));
		}
	}

	private record Meanwhile(String prefix, Runnable act) {
	}

	/**
	 * How often each cmdlet was called since the start; unlike {@link #calls}, of all.
	 */
	public Map<String, Long> counts() {
		Map<String, Long> sums = new TreeMap<>();
		this.counts.forEach((cmdlet, count) -> sums.put(cmdlet, count.sum()));
		return sums;
	}

	/**
	 * How long every call takes at least.
	 */
	public void latency(Duration latency) {
		this.latency = latency;
	}

	public Duration latency() {
		return this.latency;
	}

	/**
	 * Faults that no call has met yet.
	 */
	public int waitingFaults() {
		synchronized (this.faults) {
			return this.faults.size();
		}
	}

	/**
	 * Forgets the faults that no call has met yet.
	 */
	public void forgetFaults() {
		synchronized (this.faults) {
			this.faults.clear();
			this.meanwhile.clear();
		}
	}

	/**
	 * The stored outbound connectors, as they stand on the wire.
	 */
	public List<Map<String, Object>> outbound() {
		return this.tenant.outbound();
	}

	/**
	 * The stored inbound connectors, as they stand on the wire.
	 */
	public List<Map<String, Object>> inbound() {
		return this.tenant.inbound();
	}

	/**
	 * Runs a cmdlet as somebody else in the tenant would, past HTTP and all faults.
	 */
	public void runAside(String cmdlet, Map<String, Object> parameters) {
		this.tenant.run(cmdlet, parameters);
	}

	/**
	 * The last 500 calls of InvokeCommand, oldest first.
	 */
	public List<Call> calls() {
		synchronized (this.calls) {
			return List.copyOf(this.calls);
		}
	}

	public int tokenRequests() {
		return this.tokenRequests.get();
	}

	/**
	 * How many requests brought a bearer token, whatever came of them.
	 */
	public int bearersSeen() {
		return this.bearersSeen.get();
	}

	public void envelope(Envelope envelope) {
		this.envelope = envelope;
	}

	/**
	 * The status with which a taken name is answered (400 or 409).
	 */
	public void duplicateStatus(int status) {
		this.duplicateStatus = status;
		behave();
	}

	/**
	 * How many Gets do not see a connector created from now on.
	 */
	public void invisibleReads(int reads) {
		this.invisibleReads = reads;
		behave();
	}

	/**
	 * Whether a Get by an unknown identity answers everything instead of 404.
	 */
	public void everythingForUnknown(boolean everything) {
		this.everythingForUnknown = everything;
		behave();
	}

	/**
	 * Whether New answers without the object.
	 */
	public void silentNew(boolean silent) {
		this.silentNew = silent;
		behave();
	}

	/**
	 * The cmdlets that there are.
	 */
	public java.util.SortedSet<String> cmdlets() {
		return ExchangeSchema.cmdlets();
	}

	/**
	 * Cmdlets that the application's role does not have.
	 */
	public void forbid(String... cmdlets) {
		this.forbidden = Set.of(cmdlets);
	}

	/**
	 * Answers lists in pages with a nextLink.
	 * @param size objects in a page
	 * @param followed whether a nextLink gives the next page; otherwise it is always
	 * expired, as has been measured
	 */
	public void pages(int size, boolean followed) {
		this.pageSize = size;
		this.pagesFollowed = followed;
	}

	/**
	 * Adds one of our own mail domains.
	 */
	public void acceptDomain(String name) {
		this.tenant.organization().acceptDomain(name, false, false);
	}

	/**
	 * Takes one of our own mail domains away.
	 */
	public void refuseDomain(String name) {
		this.tenant.organization().refuseDomain(name);
	}

	/**
	 * Adds a mail-flow rule that routes messages to a connector.
	 * @param recipientDomains empty: all messages
	 */
	public void rule(String name, String connector, List<String> recipientDomains, boolean enabled) {
		this.tenant.organization().rule(name, connector, recipientDomains, enabled);
	}

	public void removeRules() {
		this.tenant.organization().removeRules();
	}

	public List<Map<String, Object>> rules() {
		return this.tenant.organization().rules();
	}

	/**
	 * Microsoft blocks an inbound connector.
	 */
	public void block(String guid) {
		this.tenant.organization().block(guid, "Compromised");
	}

	/**
	 * Notes a message in the trace.
	 * @param status Delivered, Failed, Pending …
	 * @param connector the connector that it took; null: none
	 * @param words what happened last
	 * @return its MessageTraceId
	 */
	public String trace(String sender, String recipient, String status, String connector, String words) {
		return this.tenant.organization().trace(sender, recipient, status, connector, words);
	}

	/** Notes one that came earlier, but later than those noted before. */
	public String trace(Instant at, String sender, String recipient, String status, String connector, String words) {
		return this.tenant.organization().trace(at, sender, recipient, status, connector, words);
	}

	/** The trace of a message names the connector that took it; before, it did not. */
	public void receivedBy(String traceId, String connector) {
		this.tenant.organization().receivedBy(traceId, connector);
	}

	private void behave() {
		this.tenant.behave(this.duplicateStatus, this.invisibleReads, this.everythingForUnknown, this.silentNew);
	}

	public void validator(ExchangeValidator validator) {
		this.tenant.validator(validator);
	}

	/**
	 * A mail-flow rule names the connector from now on.
	 */
	public void useInRule(String guid) {
		this.tenant.useInRule(guid);
	}

	public void tokenLifetime(Duration lifetime) {
		this.signIn.lifetime(lifetime);
	}

	/**
	 * Whether the application has Exchange.ManageAsApp; without it tokens have no role.
	 */
	public void permission(boolean granted) {
		this.signIn.permission(granted);
	}

	/**
	 * Whether the application has a directory role.
	 */
	public void role(boolean given) {
		this.role = given;
	}

	/**
	 * What tokens issued from now on are for.
	 */
	public void audience(String audience) {
		this.signIn.audience(audience);
	}

	@Override
	public void close() {
		this.closed.countDown();
		this.server.stop(0);
		this.executor.shutdownNow();
	}

	private void handle(HttpExchange exchange) throws IOException {
		try (exchange) {
			if (exchange.getRequestHeaders().containsKey("Authorization")) {
				this.bearersSeen.incrementAndGet();
			}
			byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES);
			String path = exchange.getRequestURI().getPath();
			Matcher token = TOKEN_PATH.matcher(path);
			Matcher invoke = INVOKE_PATH.matcher(path);
			Matcher module = MODULE_PATH.matcher(path);
			if (exchange.getRequestMethod().equals("GET") && module.matches()) {
				module(exchange, module.group(1));
			}
			else if (!exchange.getRequestMethod().equals("POST") || body.length == MOST_BYTES) {
				answer(exchange, 405, Map.of(), "");
			}
			else if (token.matches()) {
				token(exchange, token.group(1), new String(body, StandardCharsets.UTF_8));
			}
			else if (invoke.matches()) {
				invoke(exchange, invoke.group(1), body);
			}
			else {
				answer(exchange, 404, Map.of("Content-Type", "text/html"), "<html>Not found</html>");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void token(HttpExchange exchange, String tenantId, String form) throws IOException, InterruptedException {
		this.tokenRequests.incrementAndGet();
		ExchangeFault fault = faultFor(ExchangeFault.TOKEN);
		if (fault == null) {
			ExchangeSignIn.Answer answer = this.signIn.token(tenantId, form);
			answer(exchange, answer.status(), json(), answer.body());
			return;
		}
		switch (fault.effect()) {
			case ANSWER_INSTEAD, ANSWER_AFTER_COMMIT -> answer(exchange, fault.status(), fault.headers(), fault.body());
			case HOLD_AFTER_COMMIT, HOLD_BEFORE_COMMIT -> {
				hold(fault.delay());
				ExchangeSignIn.Answer answer = this.signIn.token(tenantId, form);
				answer(exchange, answer.status(), json(), answer.body());
			}
			case CUT_BEFORE, CUT_AFTER_COMMIT, CUT_IN_BODY, TRUNCATE, WARN -> exchange.close();
		}
	}

	/**
	 * What the PowerShell module asks for when it connects.
	 */
	private void module(HttpExchange exchange, String tenantId) throws IOException {
		if (!this.signIn.admits(exchange.getRequestHeaders().getFirst("Authorization"), tenantId)) {
			answer(exchange, 401, Map.of(), "");
		}
		else if (!this.role) {
			answer(exchange, 403, json(), "\0".repeat(4096));
		}
		else {
			List<String> cmdlets = ExchangeSchema.cmdlets()
				.stream()
				.filter((cmdlet) -> !this.forbidden.contains(cmdlet))
				.toList();
			answer(exchange, 200, json(), MAPPER.writeValueAsString(Map.of("value",
					List.of(Map.of("version", "3.7.0", "exportedCmdlets", String.join(",", cmdlets))))));
		}
	}

	private void invoke(HttpExchange exchange, String tenantId, byte[] body) throws IOException, InterruptedException {
		String authorization = exchange.getRequestHeaders().getFirst("Authorization");
		Request request = read(body);
		if (!this.signIn.admits(authorization, tenantId)) {
			log(exchange, request, 401, false);
			answer(exchange, 401, Map.of(), "");
			return;
		}
		if (!this.role) {
			log(exchange, request, 403, false);
			answer(exchange, 403, json(), "\0".repeat(4096));
			return;
		}
		if (this.forbidden.contains(request.cmdlet())) {
			log(exchange, request, 403, false);
			answer(exchange, 403, json(), this.envelope.body(403, "System.UnauthorizedAccessException", "The cmdlet "
					+ request.cmdlet() + " is not present in the role definition of the current" + " user."));
			return;
		}
		if (this.latency.isPositive()) {
			hold(this.latency);
		}
		happen(request.cmdlet());
		ExchangeFault fault = faultFor(request.cmdlet());
		if (fault == null) {
			Answer answer = paged(exchange, request);
			log(exchange, request, answer.status(), answer.status() == 200);
			answer(exchange, answer.status(), json(), answer.body());
			return;
		}
		switch (fault.effect()) {
			case ANSWER_INSTEAD -> {
				log(exchange, request, fault.status(), false);
				answer(exchange, fault.status(), fault.headers(), fault.body());
			}
			case ANSWER_AFTER_COMMIT -> {
				log(exchange, request, fault.status(), run(request, false, List.of()).status() == 200);
				answer(exchange, fault.status(), fault.headers(), fault.body());
			}
			case CUT_BEFORE -> {
				log(exchange, request, 0, false);
				exchange.close();
			}
			case CUT_AFTER_COMMIT -> {
				log(exchange, request, 0, run(request, false, List.of()).status() == 200);
				exchange.close();
			}
			case CUT_IN_BODY -> {
				Answer answer = run(request, false, List.of());
				log(exchange, request, 0, answer.status() == 200);
				byte[] half = answer.body().getBytes(StandardCharsets.UTF_8);
				exchange.sendResponseHeaders(answer.status(), half.length + 1000L);
				exchange.getResponseBody().write(half);
				exchange.getResponseBody().flush();
			}
			case HOLD_AFTER_COMMIT -> {
				Answer answer = run(request, false, List.of());
				log(exchange, request, answer.status(), answer.status() == 200);
				hold(fault.delay());
				answer(exchange, answer.status(), json(), answer.body());
			}
			case HOLD_BEFORE_COMMIT -> {
				hold(fault.delay());
				Answer answer = run(request, false, List.of());
				log(exchange, request, answer.status(), answer.status() == 200);
				answer(exchange, answer.status(), json(), answer.body());
			}
			case WARN -> {
				Answer answer = run(request, false, List.of(fault.body()));
				log(exchange, request, answer.status(), answer.status() == 200);
				answer(exchange, answer.status(), json(), answer.body());
			}
			case TRUNCATE -> {
				Answer answer = run(request, true, List.of());
				log(exchange, request, answer.status(), answer.status() == 200);
				answer(exchange, answer.status(), json(), answer.body());
			}
		}
	}

	/**
	 * What was asked for; an unreadable request has no cmdlet.
	 */
	private record Request(String cmdlet, Map<String, Object> parameters) {
	}

	private record Answer(int status, String body) {
	}

	private static Request read(byte[] body) {
		try {
			Map<String, Map<String, Object>> root = MAPPER.readValue(body, new TypeReference<>() {
			});
			Map<String, Object> input = root.get("CmdletInput");
			if (input != null && input.get("CmdletName") instanceof String cmdlet
					&& input.get("Parameters") instanceof Map<?, ?> given) {
				Map<String, Object> parameters = new LinkedHashMap<>();
				given.forEach((name, value) -> parameters.put(String.valueOf(name), value));
				return new Request(cmdlet, parameters);
			}
		}
		catch (JacksonException ex) {
			// Answered as a bad request.
		}
		return new Request("", Map.of());
	}

	private Answer paged(HttpExchange exchange, Request request) {
		Matcher skip = SKIP.matcher(String.valueOf(exchange.getRequestURI().getQuery()));
		int from = skip.find() ? Integer.parseInt(skip.group(1)) : 0;
		if (from > 0 && !this.pagesFollowed) {
			return refused(400, "Microsoft.Exchange.AdminApi.CommandInvocation.PaginationException",
					"Expired or Invalid pagination request. Default expiration time is set to 30 minutes.");
		}
		Answer whole = run(request, false, List.of());
		if (!request.cmdlet().startsWith("Get-") || whole.status() != 200 || this.pageSize == Integer.MAX_VALUE) {
			return whole;
		}
		Map<String, Object> body = MAPPER.readValue(whole.body(), new TypeReference<>() {
		});
		List<?> objects = (List<?>) body.get("value");
		int until = Math.min(objects.size(), from + this.pageSize);
		if (until < objects.size()) {
			body.put("@odata.nextLink", address() + exchange.getRequestURI().getPath() + "?$skiptoken=" + until);
		}
		body.put("value", objects.subList(Math.min(from, until), until));
		return new Answer(200, MAPPER.writeValueAsString(body));
	}

	private Answer run(Request request, boolean truncated, List<String> warnings) {
		if (!ExchangeSchema.knows(request.cmdlet())) {
			return refused(400, "Microsoft.Exchange.AdminApi.CommandInvocation.CommandNotFoundException",
					"The term '" + request.cmdlet() + "' is not recognized as the name of a cmdlet.");
		}
		try {
			ExchangeTenant.Result result = this.tenant.run(request.cmdlet(), request.parameters());
			return new Answer(200, MAPPER.writeValueAsString(success(result, truncated, warnings)));
		}
		catch (ExchangeRefusal ex) {
			return refused(ex.status(), ex.type(), ex.getMessage());
		}
	}

	private Answer refused(int status, String type, String text) {
		return new Answer(status, this.envelope.body(status, type, text));
	}

	private Map<String, Object> success(ExchangeTenant.Result result, boolean truncated, List<String> more) {
		List<Map<String, Object>> value = new ArrayList<>();
		result.value().forEach((object) -> value.add(withSidecars(object)));
		Map<String, Object> body = new LinkedHashMap<>();
		String base = ExchangeSignIn.RESOURCE + "/adminapi/beta/" + this.settings.tenantId();
		body.put("@odata.context", base + "/$metadata#Collection(Exchange.GenericHashTable)");
		body.put("adminapi.warnings@odata.type", "#Collection(String)");
		List<String> warnings = new ArrayList<>(result.warnings());
		warnings.addAll(more);
		body.put("@adminapi.warnings", warnings);
		if (truncated) {
			if (!value.isEmpty()) {
				value.removeLast();
			}
			body.put("@odata.nextLink", base + "/InvokeCommand?$skiptoken=" + UUID.randomUUID());
		}
		body.put("value", value);
		return body;
	}

	private static Map<String, Object> withSidecars(Map<String, Object> object) {
		Map<String, Object> wire = new LinkedHashMap<>();
		object.forEach((key, value) -> {
			if (value instanceof List<?>) {
				wire.put(key + "@odata.type", "#Collection(String)");
			}
			else if (key.equals("Guid")) {
				wire.put(key + "@data.type", "System.Guid");
			}
			else if (value instanceof Boolean) {
				wire.put(key + "@data.type", "System.Boolean");
			}
			wire.put(key, value);
		});
		return wire;
	}

	private ExchangeFault faultFor(String call) {
		synchronized (this.faults) {
			for (Iterator<ExchangeFault> waiting = this.faults.iterator(); waiting.hasNext();) {
				ExchangeFault fault = waiting.next();
				boolean forToken = fault.on().equals(ExchangeFault.TOKEN);
				if (forToken == call.equals(ExchangeFault.TOKEN) && call.startsWith(fault.on())) {
					waiting.remove();
					return fault;
				}
			}
			return null;
		}
	}

	private void happen(String cmdlet) {
		Meanwhile next = null;
		synchronized (this.faults) {
			for (Iterator<Meanwhile> waiting = this.meanwhile.iterator(); next == null && waiting.hasNext();) {
				Meanwhile candidate = waiting.next();
				if (cmdlet.startsWith(candidate.prefix())) {
					waiting.remove();
					next = candidate;
				}
			}
		}
		if (next != null) {
			next.act().run();
		}
	}

	private void hold(Duration delay) throws InterruptedException {
		boolean ended = this.closed.await(delay.toMillis(), TimeUnit.MILLISECONDS);
		if (ended) {
			throw new InterruptedException("closed");
		}
	}

	private void log(HttpExchange exchange, Request request, int status, boolean executed) {
		String requestId = exchange.getRequestHeaders().getFirst("client-request-id");
		this.counts.computeIfAbsent(request.cmdlet(), (cmdlet) -> new LongAdder()).increment();
		synchronized (this.calls) {
			this.calls.add(new Call(this.settings.clock().instant(), request.cmdlet(), request.parameters(), requestId,
					status, executed));
			if (this.calls.size() > MOST_CALLS) {
				this.calls.removeFirst();
			}
		}
	}

	private static Map<String, String> json() {
		return Map.of("Content-Type", "application/json; odata.metadata=minimal");
	}

	private static void answer(HttpExchange exchange, int status, Map<String, String> headers, String text)
			throws IOException {
		byte[] body = text.getBytes(StandardCharsets.UTF_8);
		headers.forEach(exchange.getResponseHeaders()::set);
		exchange.sendResponseHeaders(status, (body.length == 0) ? -1 : body.length);
		if (body.length > 0) {
			exchange.getResponseBody().write(body);
		}
	}

}
