package org.partnertls.exchange;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;

import com.microsoft.aad.msal4j.HttpMethod;
import com.microsoft.aad.msal4j.HttpRequest;
import com.microsoft.aad.msal4j.HttpResponse;
import com.microsoft.aad.msal4j.IHttpClient;
import com.microsoft.aad.msal4j.IHttpResponse;
import org.partnertls.organization.Http;

/**
 * Carries MSAL's requests over our own HTTP, to the one authority and nowhere else. MSAL
 * refuses authorities over plain http; for those on loopback it is told an https name,
 * which is replaced here.
 */
final class TokenTransport implements IHttpClient {

	/**
	 * Headers that the HTTP client sets itself and refuses from others.
	 */
	private static final Set<String> RESTRICTED = Set.of("connection", "content-length", "expect", "host", "upgrade");

	private final Http http;

	private final URI told;

	private final URI real;

	private final Duration timeout;

	/**
	 * Makes one.
	 * @param told the authority as MSAL knows it
	 * @param real where it is
	 */
	TokenTransport(Http http, URI told, URI real, Duration timeout) {
		this.http = http;
		this.told = told;
		this.real = real;
		this.timeout = timeout;
	}

	@Override
	public IHttpResponse send(HttpRequest request) throws IOException, InterruptedException {
		java.net.http.HttpRequest.Builder builder = java.net.http.HttpRequest.newBuilder(target(request.url()));
		request.headers().forEach((name, value) -> {
			if (!RESTRICTED.contains(name.toLowerCase(Locale.ROOT))) {
				builder.setHeader(name, value);
			}
		});
		if (request.httpMethod() == HttpMethod.POST) {
			builder.POST(BodyPublishers.ofString(request.body()));
		}
		java.net.http.HttpResponse<byte[]> response = this.http.send(builder.build(), this.timeout, Http.USUAL_BYTES);
		if (response.statusCode() == 429 || response.statusCode() >= 500) {
			throw new AuthorityBusy(response.statusCode(), RetryAfter.of(response.headers().firstValue("Retry-After")));
		}
		String body = new String(response.body(), StandardCharsets.UTF_8);
		if (!body.stripLeading().startsWith("{")) {
			throw new NotTheAuthority(response.statusCode(), body);
		}
		HttpResponse answer = new HttpResponse().statusCode(response.statusCode()).body(body);
		answer.addHeaders(response.headers().map());
		return answer;
	}

	private URI target(URL url) throws IOException {
		String text = url.toString();
		String prefix = this.told + "/";
		if (!text.startsWith(prefix)) {
			throw new IOException("refused to send credentials to " + url.getHost());
		}
		return URI.create(this.real + "/" + text.substring(prefix.length()));
	}

	/**
	 * What answered does not speak as a sign-in service does, which always answers JSON.
	 */
	static final class NotTheAuthority extends IOException {

		NotTheAuthority(int status, String body) {
			super("HTTP status " + status + ": " + body);
		}

	}

}
