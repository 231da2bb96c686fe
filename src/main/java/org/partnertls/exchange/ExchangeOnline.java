package org.partnertls.exchange;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * The connector cmdlets of one Exchange Online tenant, app-only over InvokeCommand.
 * Questions are repeated a few times when the other side is busy; a change is sent once
 * and never again: a lost answer is {@link Failure.Kind#AMBIGUOUS_WRITE}. Calls block for
 * up to the configured time, so make them with no transaction open. Safe for use by many
 * threads; that only one of them writes is the caller's business.
 * <p>
 * Parameters take text, booleans, whole numbers, {@code UUID}, {@code Instant}, lists of
 * text, {@link ListChange} and null, which clears a value.
 */
public class ExchangeOnline {

	static final String NO_TENANT = "script";

	private static final Map<String, @Nullable Object> EVERYTHING = Map.of("ResultSize", "Unlimited");

	/**
	 * Documentation and practice disagree about what is left out when these two are not
	 * named, so every combination is asked for.
	 */
	private static final List<Map<String, @Nullable Object>> OUTBOUND_QUESTIONS = List.of(EVERYTHING,
			Map.of("ResultSize", "Unlimited", "IncludeTestModeConnectors", true),
			Map.of("ResultSize", "Unlimited", "IsTransportRuleScoped", true),
			Map.of("ResultSize", "Unlimited", "IncludeTestModeConnectors", true, "IsTransportRuleScoped", true));

	private static final Map<String, @Nullable Object> UNASKED = Map.of("Confirm", false);

	private final ExchangeProperties properties;

	private final Cmdlets cmdlets;

	private final Throttle trace;

	private final Clock clock;

	private final @Nullable SignInMeans signInMeans;

	/**
	 * Connects nowhere yet.
	 * @throws IllegalStateException with a sentence naming the key, when the certificate
	 * cannot be used
	 */
	public ExchangeOnline(ExchangeProperties properties, Clock clock) {
		this(properties, clock, Pause.SLEEP);
	}

	ExchangeOnline(ExchangeProperties properties, Clock clock, Pause pause) {
		this.properties = properties;
		this.clock = clock;
		this.trace = new Throttle(Throttle.TRACE_CALLS, Throttle.TRACE_WINDOW, clock);
		this.signInMeans = (properties.mode() == ExchangeProperties.Mode.API) ? Credential.means(properties) : null;
		this.cmdlets = (properties.mode() == ExchangeProperties.Mode.API) ? new InvokeCommand(properties, clock, pause)
				: new NoCmdlets(clock);
	}

	/**
	 * Whether the portal may call Exchange Online at all; {@code false} in script mode,
	 * where every call answers {@link Failure.Kind#PERMANENT}.
	 */
	public boolean configured() {
		return this.properties.mode() == ExchangeProperties.Mode.API;
	}

	/**
	 * The tenant's GUID in lower case; in script mode without one, {@code script}.
	 */
	public String tenantId() {
		return (this.properties.tenantId() != null) ? this.properties.tenantId() : NO_TENANT;
	}

	/**
	 * What the application signs in with; null in script mode.
	 */
	public @Nullable SignInMeans signInMeans() {
		return this.signInMeans;
	}

	/**
	 * The cloud and the two services that the portal talks to, in words.
	 */
	public String place() {
		return this.properties.cloud().words() + ": " + this.properties.endpointInUse() + ", sign-in at "
				+ this.properties.authorityInUse();
	}

	/**
	 * What {@code Connect-ExchangeOnline} must be told to reach this cloud; null:
	 * nothing.
	 */
	public @Nullable String environment() {
		return this.properties.cloud().environment();
	}

	/**
	 * Gets a token.
	 * @return why there is none; empty: there is one
	 */
	public Optional<Failure> signIn() {
		return this.cmdlets.signIn();
	}

	/**
	 * Which cmdlets the application may run, and what time it is there. Asked the way the
	 * PowerShell module asks when it connects.
	 */
	public Reply<Preflight> preflight() {
		return this.cmdlets.preflight();
	}

	/**
	 * All outbound connectors, test-mode and rule-scoped ones too.
	 */
	public Reply<List<OutboundConnector>> outboundConnectors() {
		Map<String, OutboundConnector> byGuid = new LinkedHashMap<>();
		List<Call> calls = new ArrayList<>();
		try (ExecutorService beside = Executors.newVirtualThreadPerTaskExecutor()) {
			List<CompletableFuture<Reply<List<OutboundConnector>>>> questions = new ArrayList<>();
			for (Map<String, @Nullable Object> question : OUTBOUND_QUESTIONS) {
				questions.add(CompletableFuture.supplyAsync(() -> outbound(question), beside));
			}
			for (CompletableFuture<Reply<List<OutboundConnector>>> question : questions) {
				Reply<List<OutboundConnector>> reply = question.join();
				calls.add(reply.call());
				switch (reply) {
					case Reply.Failed<List<OutboundConnector>> failed -> {
						return new Reply.Failed<>(failed.failure(), spanning(calls));
					}
					case Reply.Done<List<OutboundConnector>> done ->
						done.value().forEach((connector) -> byGuid.put(connector.guid(), connector));
				}
			}
		}
		return new Reply.Done<>(List.copyOf(byGuid.values()), spanning(calls));
	}

	/**
	 * The outbound connectors that mail can use by itself, in one call: those in test
	 * mode or for mail-flow rules only may be missing.
	 */
	public Reply<List<OutboundConnector>> outboundConnectorsInUse() {
		return outbound(EVERYTHING);
	}

	private Reply<List<OutboundConnector>> outbound(Map<String, @Nullable Object> question) {
		return run("Get-OutboundConnector", question, Effect.READ, ConnectorReader::outbound);
	}

	/**
	 * All inbound connectors.
	 */
	public Reply<List<InboundConnector>> inboundConnectors() {
		return run("Get-InboundConnector", EVERYTHING, Effect.READ, ConnectorReader::inbound);
	}

	/**
	 * Creates an outbound connector.
	 * @param parameters as {@code New-OutboundConnector} names them, {@code Name} among
	 * them
	 * @return what was created; empty when Exchange Online did not tell, so that its GUID
	 * must be found by listing
	 */
	public Reply<Optional<OutboundConnector>> newOutboundConnector(Map<String, @Nullable Object> parameters) {
		return run("New-OutboundConnector", parameters, Effect.WRITE, ConnectorReader::createdOutbound);
	}

	/**
	 * Creates an inbound connector.
	 * @param parameters as {@code New-InboundConnector} names them, {@code Name} among
	 * them
	 * @return what was created; empty when Exchange Online did not tell, so that its GUID
	 * must be found by listing
	 */
	public Reply<Optional<InboundConnector>> newInboundConnector(Map<String, @Nullable Object> parameters) {
		return run("New-InboundConnector", parameters, Effect.WRITE, ConnectorReader::createdInbound);
	}

	/**
	 * Changes an outbound connector; what is not named stays.
	 * @param identity its GUID
	 */
	public Reply<Accepted> setOutboundConnector(String identity, Map<String, @Nullable Object> parameters) {
		return run("Set-OutboundConnector", identified(identity, parameters), Effect.WRITE, ConnectorReader::accepted);
	}

	/**
	 * Changes an inbound connector; what is not named stays.
	 * @param identity its GUID
	 */
	public Reply<Accepted> setInboundConnector(String identity, Map<String, @Nullable Object> parameters) {
		return run("Set-InboundConnector", identified(identity, parameters), Effect.WRITE, ConnectorReader::accepted);
	}

	/**
	 * Removes an outbound connector without asking back.
	 * @param identity its GUID
	 */
	public Reply<Accepted> removeOutboundConnector(String identity) {
		return run("Remove-OutboundConnector", identified(identity, UNASKED), Effect.WRITE, ConnectorReader::accepted);
	}

	/**
	 * Removes an inbound connector without asking back.
	 * @param identity its GUID
	 */
	public Reply<Accepted> removeInboundConnector(String identity) {
		return run("Remove-InboundConnector", identified(identity, UNASKED), Effect.WRITE, ConnectorReader::accepted);
	}

	/**
	 * Has Exchange Online connect to the partner's servers and send a test message to
	 * each recipient. Takes up to minutes and is sent once: a lost answer is
	 * {@link Failure.Kind#RETRYABLE}, since only another test message comes of a
	 * repetition. Does not mark the connector as validated.
	 * @param identity its GUID
	 * @param recipients addresses in domains of the connector
	 * @return the steps; no step at all is no success
	 */
	public Reply<List<ValidationTask>> validateOutboundConnector(String identity, List<String> recipients) {
		return run("Validate-OutboundConnector", identified(identity, Map.of("Recipients", recipients)),
				Effect.VALIDATE, ConnectorReader::validation);
	}

	/**
	 * Our own mail domains.
	 */
	public Reply<List<AcceptedDomain>> acceptedDomains() {
		return run("Get-AcceptedDomain", EVERYTHING, Effect.READ, TenantReader::acceptedDomains);
	}

	/**
	 * The inbound connectors that Microsoft has blocked.
	 */
	public Reply<List<BlockedConnector>> blockedConnectors() {
		return run("Get-BlockedConnector", Map.of(), Effect.READ, TenantReader::blockedConnectors);
	}

	/**
	 * Which outbound connector serves a domain.
	 * @param domain an A-label
	 * @return none, when mail to the domain takes no connector
	 */
	public Reply<List<ServingConnector>> servingConnectors(String domain) {
		return run("Get-OutboundConnectorReport", Map.of("Domain", domain), Effect.READ,
				TenantReader::servingConnectors);
	}

	/**
	 * The tenant's mail-flow rules, all of them.
	 */
	public Reply<List<MailFlowRule>> mailFlowRules() {
		return run("Get-TransportRule", EVERYTHING, Effect.READ, TenantReader::mailFlowRules);
	}

	/**
	 * Traces messages, newest first, at most a thousand. Calls are counted: over the
	 * limit the answer is {@link Failure.Kind#RETRYABLE} without asking.
	 */
	public Reply<List<TracedMessage>> trace(TraceQuestion question) {
		return this.<List<TracedMessage>>over("Get-MessageTraceV2")
			.orElseGet(() -> run("Get-MessageTraceV2", question.parameters(), Effect.READ, TenantReader::messages));
	}

	/**
	 * What happened to one traced message. Counts as {@link #trace} does.
	 */
	public Reply<List<TraceEvent>> traceDetail(TracedMessage message) {
		return this.<List<TraceEvent>>over("Get-MessageTraceDetailV2")
			.orElseGet(() -> run("Get-MessageTraceDetailV2",
					Map.of("MessageTraceId", message.traceId(), "RecipientAddress", message.recipient()), Effect.READ,
					TenantReader::events));
	}

	private <T> Optional<Reply<T>> over(String cmdlet) {
		return this.trace.take()
			.map((wait) -> new Reply.Failed<>(
					new Failure(Failure.Kind.RETRYABLE,
							"The message trace may be asked a hundred times in five minutes, and the portal keeps"
									+ " below that. Try again in a few minutes.",
							null, wait),
					new Call(cmdlet, java.util.UUID.randomUUID().toString(), this.clock.instant(), Duration.ZERO)));
	}

	/**
	 * The connectors in what an administrator pasted: the output of
	 * {@code Get-OutboundConnector | ConvertTo-Json} and the same for inbound, one object
	 * or a list.
	 * @throws IllegalArgumentException with a sentence, when it is something else
	 */
	public static List<OutboundConnector> readOutbound(String json) {
		return PastedConnectors.read(json, "RecipientDomains", "Get-OutboundConnector", ConnectorReader::outbound);
	}

	/**
	 * The same for inbound connectors.
	 * @throws IllegalArgumentException with a sentence, when it is something else
	 */
	public static List<InboundConnector> readInbound(String json) {
		return PastedConnectors.read(json, "SenderDomains", "Get-InboundConnector", ConnectorReader::inbound);
	}

	private <T> Reply<T> run(String cmdlet, Map<String, @Nullable Object> parameters, Effect effect,
			Function<Answer, T> reader) {
		return this.cmdlets.run(cmdlet, parameters, effect, reader);
	}

	private static Map<String, @Nullable Object> identified(String identity, Map<String, @Nullable Object> parameters) {
		Map<String, @Nullable Object> all = new LinkedHashMap<>();
		all.put("Identity", identity);
		all.putAll(parameters);
		return all;
	}

	private static Call spanning(List<Call> calls) {
		Call first = calls.getFirst();
		Call last = calls.getLast();
		Instant end = calls.stream().map((call) -> call.at().plus(call.took())).max(Instant::compareTo).orElseThrow();
		return new Call(last.cmdlet(), last.requestId(), first.at(), Duration.between(first.at(), end));
	}

}
