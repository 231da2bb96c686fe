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

/**
 * Plain HTTP with limits: never follows a redirect, reads at most 8 MiB, and the time
 * allowed covers everything up to the last byte of the body.
 */
final class Http {

	private static final long MOST_BYTES = 8L * 1024 * 1024;

	private final HttpClient client;

	Http(Duration connectTimeout) {
		// HTTP/1.1, where a request that was not answered is never sent again by itself.
		this.client = HttpClient.newBuilder()
			.connectTimeout(connectTimeout)
			.followRedirects(HttpClient.Redirect.NEVER)
			.version(HttpClient.Version.HTTP_1_1)
			.build();
	}

	HttpResponse<byte[]> send(HttpRequest request, Duration timeout) throws IOException, InterruptedException {
		CompletableFuture<HttpResponse<byte[]>> response = this.client.sendAsync(request,
				BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
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
			throw (ex.getCause() instanceof IOException io) ? io : new IOException(ex.getCause());
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
