package org.partnertls.exchange;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;

import com.microsoft.aad.msal4j.ClientCredentialParameters;
import com.microsoft.aad.msal4j.ConfidentialClientApplication;
import com.microsoft.aad.msal4j.IAuthenticationResult;
import com.microsoft.aad.msal4j.MsalException;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Http;

/**
 * Application tokens for Exchange Online. Keeps one until shortly before it ends; those
 * who ask while one is being fetched wait for the same. MSAL's own cache is left out: it
 * never hits with a port in the authority and lets every waiter fetch.
 */
final class Tokens {

	private static final Duration SPARE = Duration.ofMinutes(5);

	private final ConfidentialClientApplication application;

	private final ClientCredentialParameters request;

	private final Clock clock;

	private final ReentrantLock lock = new ReentrantLock();

	private Outcome.@Nullable Token kept;

	private @Nullable CompletableFuture<Outcome> underWay;

	Tokens(ExchangeProperties properties, Http http, Clock clock) {
		this.clock = clock;
		this.application = application(properties, http);
		this.request = ClientCredentialParameters.builder(Set.of(properties.cloud().scope())).skipCache(true).build();
	}

	/**
	 * What came of asking for a token.
	 */
	sealed interface Outcome {

		/**
		 * A token.
		 *
		 * @param value never to be shown or logged
		 * @param expires by our clock
		 */
		record Token(String value, Instant expires) implements Outcome {

			@Override
			public String toString() {
				return "Token[expires=" + this.expires + "]";
			}

		}

		record Refused(Failure failure) implements Outcome {
		}

	}

	Outcome token() {
		CompletableFuture<Outcome> awaited;
		boolean mine = false;
		this.lock.lock();
		try {
			if (this.kept != null && this.clock.instant().plus(SPARE).isBefore(this.kept.expires())) {
				return this.kept;
			}
			if (this.underWay == null) {
				this.underWay = new CompletableFuture<>();
				mine = true;
			}
			awaited = this.underWay;
		}
		finally {
			this.lock.unlock();
		}
		if (mine) {
			fetchFor(awaited);
		}
		return awaited.join();
	}

	/**
	 * Forgets a token that was not accepted.
	 */
	void forget(Outcome.Token token) {
		this.lock.lock();
		try {
			if (token.equals(this.kept)) {
				this.kept = null;
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	private void fetchFor(CompletableFuture<Outcome> waiters) {
		Outcome outcome = new Outcome.Refused(TokenErrors.interrupted());
		try {
			outcome = fetch();
		}
		finally {
			this.lock.lock();
			try {
				this.kept = (outcome instanceof Outcome.Token token) ? token : null;
				this.underWay = null;
			}
			finally {
				this.lock.unlock();
			}
			waiters.complete(outcome);
		}
	}

	private Outcome fetch() {
		try {
			IAuthenticationResult result = this.application.acquireToken(this.request).get();
			// MSAL counts from the machine's clock, so the life left is measured by it
			// too.
			Duration life = Duration.between(Clock.systemUTC().instant(), result.expiresOnDate().toInstant());
			return new Outcome.Token(result.accessToken(), this.clock.instant().plus(life));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return new Outcome.Refused(TokenErrors.interrupted());
		}
		catch (ExecutionException ex) {
			return new Outcome.Refused(TokenErrors.read(Objects.requireNonNullElse(ex.getCause(), ex)));
		}
		catch (MsalException ex) {
			return new Outcome.Refused(TokenErrors.read(ex));
		}
	}

	private static ConfidentialClientApplication application(ExchangeProperties properties, Http http) {
		URI real = properties.authorityInUse();
		URI told = "https".equals(real.getScheme()) ? real : properties.cloud().authority();
		try {
			return ConfidentialClientApplication
				.builder(Objects.requireNonNull(properties.clientId()), Credential.of(properties))
				.authority(told + "/" + properties.tenantId() + "/")
				.instanceDiscovery(false)
				.disableInternalRetries()
				.executorService(Executors.newVirtualThreadPerTaskExecutor())
				.httpClient(new TokenTransport(http, told, real, properties.readTimeout()))
				.build();
		}
		catch (MalformedURLException | IllegalArgumentException ex) {
			throw new IllegalStateException(
					"portal.exchange.authority must be an address such as https://login.microsoftonline.com.", ex);
		}
	}

}
