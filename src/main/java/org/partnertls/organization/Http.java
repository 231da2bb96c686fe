package org.partnertls.organization;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

import javax.net.ssl.SSLHandshakeException;

import org.jspecify.annotations.Nullable;

/**
 * Plain HTTP with limits: never follows a redirect, reads no more than it is told, and
 * the time allowed covers everything up to the last byte of the body.
 */
public final class Http {

	/**
	 * Enough for any answer but a list.
	 */
	public static final long USUAL_BYTES = 8L * 1024 * 1024;

	/**
	 * Enough for the list of a full tenant: about 4500 connectors of 3 KiB.
	 */
	public static final long LIST_BYTES = 4 * USUAL_BYTES;

	private static final Set<String> LOOPBACK_HOSTS = Set.of("localhost", "[::1]", "::1");

	private static final Pattern LOOPBACK_ADDRESS = Pattern.compile("127(?:\\.\\d{1,3}){3}");

	private final HttpClient client;

	public Http(Duration connectTimeout) {
		// HTTP/1.1, where a request that was not answered is never sent again by itself.
		this.client = HttpClient.newBuilder()
			.connectTimeout(connectTimeout)
			.followRedirects(HttpClient.Redirect.NEVER)
			.version(HttpClient.Version.HTTP_1_1)
			.build();
	}

	/**
	 * Sends a request once.
	 * @throws TooLarge if the answer's body has more bytes than allowed
	 * @throws HttpTimeoutException if it was not read whole in time
	 */
	public HttpResponse<byte[]> send(HttpRequest request, Duration timeout, long mostBytes)
			throws IOException, InterruptedException {
		CompletableFuture<HttpResponse<byte[]>> response = this.client.sendAsync(request,
				BodyHandlers.limiting(BodyHandlers.ofByteArray(), mostBytes));
		try {
			return response.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (TimeoutException ex) {
			response.cancel(true);
			throw new HttpTimeoutException("no complete answer within " + timeout.toSeconds() + " s");
		}
		catch (InterruptedException ex) {
			response.cancel(true);
			throw ex;
		}
		catch (ExecutionException ex) {
			throw failure(ex.getCause(), mostBytes);
		}
	}

	private static IOException failure(@Nullable Throwable cause, long mostBytes) {
		if (cause instanceof IOException io) {
			// The JDK has no type of its own for it.
			boolean tooLarge = io.getMessage() != null && io.getMessage().startsWith("body exceeds capacity");
			return tooLarge ? new TooLarge(mostBytes) : io;
		}
		return new IOException(cause);
	}

	/**
	 * The answer has more bytes than we read.
	 */
	public static final class TooLarge extends IOException {

		TooLarge(long mostBytes) {
			super("the answer has more than " + mostBytes + " bytes");
		}

	}

	/**
	 * Whether a host is this machine: only to it may anything go without TLS.
	 * @param host as it stands in an address
	 */
	public static boolean isLoopback(@Nullable String host) {
		return host != null && (LOOPBACK_HOSTS.contains(host) || LOOPBACK_ADDRESS.matcher(host).matches());
	}

	/**
	 * Whether the failure came before the request could be sent.
	 */
	public static boolean neverSent(IOException failure) {
		return failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException
				|| failure instanceof SSLHandshakeException;
	}

}
