package org.partnertls.exchange;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Http;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The protocol of the Exchange Online PowerShell module: one POST per cmdlet. Microsoft
 * does not document it for others; what is known stands with each rule below.
 */
final class InvokeCommand implements Cmdlets {

	private static final Logger log = LoggerFactory.getLogger(InvokeCommand.class);

	private static final JsonMapper MAPPER = JsonMapper.shared();

	private static final int TRIES = 4;

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

	private static final int MOST_REDIRECTS = 2;

	private static final int MOST_PAGES = 50;

	/** The file asked for differs little between the module's versions. */
	private static final String MODULE_VERSION = "3.7.0";

	private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

	/**
	 * The module's hint for app-only calls, which keeps them on one back end.
	 */
	private static final String ANCHOR = "APP:SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}@";

	private final ExchangeProperties properties;

	private final Http http;

	private final Tokens tokens;

	private final Clock clock;

	private final Pause pause;

	private final URI address;

	InvokeCommand(ExchangeProperties properties, Clock clock, Pause pause) {
		this.properties = properties;
		this.clock = clock;
		this.pause = pause;
		this.http = new Http(properties.connectTimeout());
		this.tokens = new Tokens(properties, this.http, clock);
		this.address = URI
			.create(properties.endpointInUse() + "/adminapi/beta/" + properties.tenantId() + "/InvokeCommand");
	}

	@Override
	public <T> Reply<T> run(String cmdlet, Map<String, @Nullable Object> parameters, Effect effect,
			Function<Answer, T> reader) {
		Instant start = this.clock.instant();
		UUID requestId = UUID.randomUUID();
		Optional<String> objection = Parameters.objection(parameters);
		if (objection.isPresent()) {
			Failure invalid = new Failure(Failure.Kind.INVALID, objection.get(), null, null);
			return new Reply.Failed<>(invalid, call(cmdlet, requestId, start));
		}
		byte[] body = Parameters.body(cmdlet, parameters);
		Attempt<T> attempt = attempt(requestId, body, effect, reader);
		for (int tried = 1; tried < TRIES && mayRepeat(attempt, effect); tried++) {
			if (!waited(tried, attempt)) {
				break;
			}
			requestId = UUID.randomUUID();
			attempt = attempt(requestId, body, effect, reader);
		}
		Call call = call(cmdlet, requestId, start);
		return switch (attempt) {
			case Attempt.Success<T> success -> new Reply.Done<>(success.value(), call);
			case Attempt.Failed<T> failed -> {
				log.info("{} failed: {} ({}), client-request-id {}", cmdlet, failed.failure().kind(),
						failed.failure().detail(), requestId);
				yield new Reply.Failed<>(failed.failure(), call);
			}
		};
	}

	@Override
	public Optional<Failure> signIn() {
		return (this.tokens.token() instanceof Tokens.Outcome.Refused refused) ? Optional.of(refused.failure())
				: Optional.empty();
	}

	@Override
	public Reply<Preflight> preflight() {
		Instant start = this.clock.instant();
		UUID requestId = UUID.randomUUID();
		Attempt<Preflight> attempt = switch (this.tokens.token()) {
			case Tokens.Outcome.Refused refused -> new Attempt.Failed<>(refused.failure(), false);
			case Tokens.Outcome.Token token -> preflight(token, requestId);
		};
		Call call = call("EXOModuleFile", requestId, start);
		return switch (attempt) {
			case Attempt.Success<Preflight> success -> new Reply.Done<>(success.value(), call);
			case Attempt.Failed<Preflight> failed -> new Reply.Failed<>(failed.failure(), call);
		};
	}

	private Attempt<Preflight> preflight(Tokens.Outcome.Token token, UUID requestId) {
		HttpRequest request = HttpRequest
			.newBuilder(URI.create(this.properties.endpointInUse() + "/adminapi/v1.0/" + this.properties.tenantId()
					+ "/EXOModuleFile?Version=" + MODULE_VERSION))
			.header("Authorization", "Bearer " + token.value())
			.header("Accept", "application/json")
			.header("CommandName", "*")
			.header("client-request-id", requestId.toString())
			.build();
		try {
			HttpResponse<byte[]> response = this.http.send(request, this.properties.readTimeout(), Http.USUAL_BYTES);
			if (response.statusCode() == 401) {
				this.tokens.forget(token);
			}
			if (response.statusCode() != 200) {
				return new Attempt.Failed<>(REDIRECTS.contains(response.statusCode()) ? strayed(response)
						: CmdletErrors.read(response, Effect.READ, token.value()), true);
			}
			return new Attempt.Success<>(new Preflight(TenantReader.cmdlets(MAPPER.readTree(response.body())),
					TenantReader.date(response.headers().firstValue("Date").orElse(null))));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return new Attempt.Failed<>(CmdletErrors.lost(Effect.READ, "interrupted: the portal is stopping", null),
					true);
		}
		catch (Http.TooLarge | JacksonException | UnreadableAnswer ex) {
			return new Attempt.Failed<>(unreadable(Effect.READ, ex), true);
		}
		catch (IOException ex) {
			return new Attempt.Failed<>(unreachable(ex), true);
		}
	}

	/**
	 * What came of one try.
	 */
	private sealed interface Attempt<T> {

		record Success<T>(T value) implements Attempt<T> {
		}

		/**
		 * No result.
		 *
		 * @param sent whether the cmdlet itself may have left us
		 */
		record Failed<T>(Failure failure, boolean sent) implements Attempt<T> {
		}

	}

	private static boolean mayRepeat(Attempt<?> attempt, Effect effect) {
		return attempt instanceof Attempt.Failed<?> failed && failed.failure().kind() == Failure.Kind.RETRYABLE
				&& (effect == Effect.READ || !failed.sent()) && !Thread.currentThread().isInterrupted();
	}

	/**
	 * Waits before the next try: as long as asked, else twice as long each time, give or
	 * take a half so that many callers do not come back at once. Does not wait longer
	 * than half a minute: then the caller's own schedule is the better place.
	 */
	private boolean waited(int tried, Attempt<?> attempt) {
		Duration asked = (attempt instanceof Attempt.Failed<?> failed) ? failed.failure().retryAfter() : null;
		if (asked != null && asked.compareTo(LONGEST_PAUSE) > 0) {
			return false;
		}
		long own = this.properties.retryPause().multipliedBy(1L << (tried - 1)).toMillis();
		long jittered = ThreadLocalRandom.current().nextLong(own / 2, own + own / 2 + 1);
		Duration wait = (asked != null) ? asked.plusMillis(jittered / 10) : Duration.ofMillis(jittered);
		try {
			this.pause.take(wait);
			return true;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	private <T> Attempt<T> attempt(UUID requestId, byte[] body, Effect effect, Function<Answer, T> reader) {
		return switch (this.tokens.token()) {
			case Tokens.Outcome.Refused refused -> new Attempt.Failed<>(refused.failure(), false);
			case Tokens.Outcome.Token token -> send(token, requestId, body, effect, reader);
		};
	}

	private <T> Attempt<T> send(Tokens.Outcome.Token token, UUID requestId, byte[] body, Effect effect,
			Function<Answer, T> reader) {
		try {
			URI target = this.address;
			HttpResponse<byte[]> response = post(target, token, requestId, body, effect);
			for (int hops = 0; REDIRECTS.contains(response.statusCode()); hops++) {
				// A redirect says that nothing was done here: the tenant lives elsewhere.
				Optional<URI> next = redirection(target, response);
				if (next.isEmpty() || hops == MOST_REDIRECTS) {
					return new Attempt.Failed<>(strayed(response), true);
				}
				target = next.get();
				response = post(target, token, requestId, body, effect);
			}
			if (response.statusCode() == 401) {
				this.tokens.forget(token);
			}
			return read(response, token, requestId, body, effect, reader);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return new Attempt.Failed<>(CmdletErrors.lost(effect, "interrupted: the portal is stopping", null), true);
		}
		catch (Http.TooLarge ex) {
			return new Attempt.Failed<>(unreadable(effect, ex), true);
		}
		catch (IOException ex) {
			return new Attempt.Failed<>(
					Http.neverSent(ex) ? unreachable(ex)
							: CmdletErrors.lost(effect, ex.getClass().getSimpleName() + ": " + ex.getMessage(), null),
					true);
		}
	}

	private HttpResponse<byte[]> post(URI target, Tokens.Outcome.Token token, UUID requestId, byte[] body,
			Effect effect) throws IOException, InterruptedException {
		HttpRequest request = HttpRequest.newBuilder(target)
			.header("Authorization", "Bearer " + token.value())
			.header("Content-Type", "application/json; charset=utf-8")
			.header("Accept", "application/json")
			.header("X-ResponseFormat", "json")
			.header("X-AnchorMailbox", ANCHOR + this.properties.tenantId())
			.header("X-ClientApplication", "PartnerTlsPortal")
			.header("client-request-id", requestId.toString())
			.POST(BodyPublishers.ofByteArray(body))
			.build();
		return this.http.send(request, timeout(effect), (effect == Effect.READ) ? Http.LIST_BYTES : Http.USUAL_BYTES);
	}

	private Duration timeout(Effect effect) {
		return switch (effect) {
			case READ -> this.properties.readTimeout();
			case WRITE -> this.properties.writeTimeout();
			case VALIDATE -> this.properties.validateTimeout();
		};
	}

	private <T> Attempt<T> read(HttpResponse<byte[]> response, Tokens.Outcome.Token token, UUID requestId,
			byte[] question, Effect effect, Function<Answer, T> reader) throws InterruptedException {
		int status = response.statusCode();
		if (status >= 300) {
			return new Attempt.Failed<>(CmdletErrors.read(response, effect, token.value()), true);
		}
		if (status == 202) {
			return new Attempt.Failed<>(CmdletErrors.lost(effect, "HTTP status 202: accepted, but not finished", null),
					true);
		}
		try {
			JsonNode body = (response.body().length > 0) ? MAPPER.readTree(response.body()) : MAPPER.createObjectNode();
			if (CmdletErrors.isError(body)) {
				return new Attempt.Failed<>(CmdletErrors.read(response, effect, token.value()), true);
			}
			Answer answer = answer(body, effect);
			for (int page = 1; effect != Effect.WRITE && body.hasNonNull("@odata.nextLink"); page++) {
				Optional<JsonNode> next = (page < MOST_PAGES)
						? next(body.path("@odata.nextLink").asString(), token, requestId, question) : Optional.empty();
				if (next.isEmpty()) {
					return new Attempt.Failed<>(truncated(), true);
				}
				body = next.get();
				answer = answer.and(answer(body, effect));
			}
			return new Attempt.Success<>(reader.apply(answer));
		}
		catch (JacksonException | UnreadableAnswer ex) {
			return new Attempt.Failed<>(unreadable(effect, ex), true);
		}
	}

	/**
	 * The next page, in one try: some have it by sending the question again, others are
	 * told that the link is expired. Then the list stays cut.
	 */
	private Optional<JsonNode> next(String link, Tokens.Outcome.Token token, UUID requestId, byte[] question)
			throws InterruptedException {
		try {
			URI target = onUsualPort(this.address.resolve(link));
			if (!mayHaveToken(target)) {
				return Optional.empty();
			}
			HttpResponse<byte[]> response = post(target, token, requestId, question, Effect.READ);
			JsonNode body = (response.statusCode() == 200) ? MAPPER.readTree(response.body()) : null;
			return (body == null || CmdletErrors.isError(body)) ? Optional.empty() : Optional.of(body);
		}
		catch (IOException | JacksonException | IllegalArgumentException ex) {
			return Optional.empty();
		}
	}

	private static Answer answer(JsonNode body, Effect effect) {
		JsonNode value = body.path("value");
		if (effect != Effect.WRITE && !value.isArray()) {
			throw new UnreadableAnswer("an answer without value");
		}
		List<JsonNode> objects = new ArrayList<>();
		value.forEach(objects::add);
		List<String> warnings = new ArrayList<>();
		for (JsonNode warning : body.path("@adminapi.warnings")) {
			String text = Detail.of(warning.isString() ? warning.stringValue() : warning.toString());
			if (text != null) {
				warnings.add(text);
			}
		}
		return new Answer(objects, warnings);
	}

	/**
	 * Where a redirect leads, if the token may go there: to the same service's hosts
	 * only.
	 */
	private Optional<URI> redirection(URI from, HttpResponse<byte[]> response) {
		return response.headers().firstValue("Location").flatMap((location) -> {
			try {
				return Optional.of(from.resolve(location));
			}
			catch (IllegalArgumentException ex) {
				return Optional.empty();
			}
		}).map(InvokeCommand::onUsualPort).filter(this::mayHaveToken);
	}

	/**
	 * The service's redirects name a port of its inside, which the module replaces too.
	 */
	private static URI onUsualPort(URI target) {
		return (target.getPort() == 446) ? URI.create(target.toString().replaceFirst(":446(?=/|$)", "")) : target;
	}

	private boolean mayHaveToken(URI target) {
		String host = lower(target.getHost());
		String own = lower(this.address.getHost());
		if (!lower(target.getScheme()).equals(lower(this.address.getScheme())) || target.getRawUserInfo() != null
				|| host.isEmpty()) {
			return false;
		}
		if (Http.isLoopback(own)) {
			return host.equals(own);
		}
		return port(target) == port(this.address) && (host.equals(own) || host.endsWith("." + own));
	}

	private static int port(URI address) {
		return (address.getPort() != -1) ? address.getPort() : 443;
	}

	private static String lower(@Nullable String text) {
		return (text != null) ? text.toLowerCase(Locale.ROOT) : "";
	}

	private static Failure strayed(HttpResponse<byte[]> response) {
		return new Failure(Failure.Kind.PERMANENT,
				"Exchange Online pointed to a host that is not its own, so the portal did not follow. Nothing was"
						+ " changed. Check portal.exchange.cloud and portal.exchange.endpoint, and whether a proxy"
						+ " stands between.",
				Detail.of("HTTP status " + response.statusCode() + ", Location: "
						+ response.headers().firstValue("Location").orElse("none")),
				null);
	}

	private static Failure unreachable(IOException failure) {
		return new Failure(Failure.Kind.RETRYABLE,
				"Exchange Online cannot be reached. Nothing was changed. Check that this server may connect to it"
						+ " (portal.exchange.cloud, portal.exchange.endpoint).",
				Detail.of(failure.getClass().getSimpleName() + ": " + failure.getMessage()), null);
	}

	private static Failure truncated() {
		return new Failure(Failure.Kind.TRUNCATED,
				"Exchange Online gave only part of the list, so nothing is concluded from it. Nothing was changed; try"
						+ " again later.",
				"the answer has an @odata.nextLink", null);
	}

	private static Failure unreadable(Effect effect, Exception failure) {
		if (effect == Effect.WRITE) {
			return CmdletErrors.lost(effect, failure.getMessage(), null);
		}
		return new Failure(Failure.Kind.PERMANENT,
				"The answer is not one that the portal understands. Check portal.exchange.endpoint, and whether a proxy"
						+ " stands between; otherwise report its words to whoever maintains the portal.",
				Detail.of(failure.getMessage()), null);
	}

	private Call call(String cmdlet, UUID requestId, Instant start) {
		return new Call(cmdlet, requestId.toString(), start, Duration.between(start, this.clock.instant()));
	}

}
