package org.partnertls.exchange;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import javax.net.ssl.SSLHandshakeException;

import org.jspecify.annotations.Nullable;

/**
 * Plain HTTP with limits: never follows a redirect, reads no more than it is told, and
 * the time allowed covers everything up to the last byte of the body.
 */
final class Http {

	/**
	 * Enough for any answer but a list.
	 */
	static final long USUAL_BYTES = 8L * 1024 * 1024;

	/**
	 * Enough for the list of a full tenant: about 4500 connectors of 3 KiB.
	 */
	static final long LIST_BYTES = 4 * USUAL_BYTES;

	private final HttpClient client;

	Http(Duration connectTimeout) {
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
	HttpResponse<byte[]> send(HttpRequest request, Duration timeout, long mostBytes)
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
	static final class TooLarge extends IOException {

		TooLarge(long mostBytes) {
			super("the answer has more than " + mostBytes + " bytes");
		}

	}

	/**
	 * Whether the failure came before the request could be sent.
	 */
	static boolean neverSent(IOException failure) {
		return failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException
				|| failure instanceof SSLHandshakeException;
	}

}
