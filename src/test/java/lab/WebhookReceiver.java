package lab;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * Whoever is told of alarms: takes signed messages at {@code /generic} and looks at their
 * signature as Standard Webhooks has it, and cards for Teams at {@code /teams}, which
 * answers as a workflow does.
 */
public final class WebhookReceiver implements AutoCloseable {

	private static final int MOST = 200;

	private static final int MOST_BYTES = 256 * 1024;

	private static final Duration TOLERANCE = Duration.ofMinutes(5);

	private final HttpServer server;

	private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

	private final byte[] key;

	private final InstantSource clock;

	private final Deque<Message> messages = new ArrayDeque<>();

	private volatile int answer;

	private WebhookReceiver(InetSocketAddress address, byte[] key, InstantSource clock) throws IOException {
		this.key = key.clone();
		this.clock = clock;
		this.server = HttpServer.create(address, 0);
		this.server.setExecutor(this.executor);
		this.server.createContext("/", this::handle);
		this.server.start();
	}

	/**
	 * Starts.
	 * @param port 0 for any that is free
	 * @param secret from which the key is made
	 * @param clock what the receiver goes by when it looks how old a message is
	 */
	public static WebhookReceiver start(int port, String secret, InstantSource clock) throws IOException {
		try {
			byte[] key = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
			return new WebhookReceiver(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), key, clock);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** What leads a portal here: one webhook of each kind. */
	public Map<String, Object> portalSettings() {
		Map<String, Object> settings = new LinkedHashMap<>();
		settings.put("portal.alarm.webhooks[0].name", "pager");
		settings.put("portal.alarm.webhooks[0].url", address("/generic").toString());
		settings.put("portal.alarm.webhooks[0].kind", "generic");
		settings.put("portal.alarm.webhooks[0].secret", "whsec_" + Base64.getEncoder().encodeToString(this.key));
		settings.put("portal.alarm.webhooks[1].name", "teams");
		settings.put("portal.alarm.webhooks[1].url", address("/teams").toString());
		settings.put("portal.alarm.webhooks[1].kind", "teams");
		settings.put("portal.alarm.webhooks[1].escalations-only", "false");
		return settings;
	}

	public URI address(String path) {
		return URI.create("http://127.0.0.1:" + this.server.getAddress().getPort() + path);
	}

	/**
	 * Answers with a status from now on; 0: as it should.
	 */
	public void answer(int status) {
		this.answer = status;
	}

	public int answer() {
		return this.answer;
	}

	/** What has come, newest first. */
	public List<Message> messages() {
		synchronized (this.messages) {
			return List.copyOf(this.messages);
		}
	}

	@Override
	public void close() {
		this.server.stop(0);
		this.executor.shutdownNow();
	}

	private void handle(HttpExchange exchange) throws IOException {
		try (exchange) {
			String body = new String(exchange.getRequestBody().readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
			String path = exchange.getRequestURI().getPath();
			Message message = new Message(this.clock.instant(), path, header(exchange, "webhook-id"),
					path.equals("/teams") ? Seal.NONE : seal(exchange, body), body);
			synchronized (this.messages) {
				this.messages.addFirst(message);
				if (this.messages.size() > MOST) {
					this.messages.removeLast();
				}
			}
			int status = (this.answer != 0) ? this.answer
					: (message.seal() == Seal.WRONG) ? 401 : path.equals("/teams") ? 202 : 204;
			if (status / 100 == 3) {
				exchange.getResponseHeaders().set("Location", address("/elsewhere").toString());
			}
			exchange.sendResponseHeaders(status, -1);
		}
	}

	private Seal seal(HttpExchange exchange, String body) {
		try {
			String id = header(exchange, "webhook-id");
			long at = Long.parseLong(header(exchange, "webhook-timestamp"));
			Duration age = Duration.between(Instant.ofEpochSecond(at), this.clock.instant()).abs();
			Mac mac = Mac.getInstance("HmacSHA256");
			mac.init(new SecretKeySpec(this.key, "HmacSHA256"));
			byte[] wanted = mac.doFinal((id + "." + at + "." + body).getBytes(StandardCharsets.UTF_8));
			for (String signature : header(exchange, "webhook-signature").split(" ", -1)) {
				if (signature.startsWith("v1,")
						&& MessageDigest.isEqual(wanted, Base64.getDecoder().decode(signature.substring(3)))) {
					return (age.compareTo(TOLERANCE) <= 0) ? Seal.RIGHT : Seal.WRONG;
				}
			}
			return Seal.WRONG;
		}
		catch (GeneralSecurityException | IllegalArgumentException ex) {
			return Seal.WRONG;
		}
	}

	private static String header(HttpExchange exchange, String name) {
		String value = exchange.getRequestHeaders().getFirst(name);
		return (value != null) ? value : "";
	}

	/** What the signature says. */
	public enum Seal {

		/** Teams takes none. */
		NONE("not signed: Teams looks at no signature"),
		/** It is the portal's, and fresh. */
		RIGHT("signed by the portal"),
		/** It is missing, wrong or old. */
		WRONG("signature missing, wrong or old: refused");

		private final String words;

		Seal(String words) {
			this.words = words;
		}

		public String words() {
			return this.words;
		}

	}

	/**
	 * A message that came.
	 *
	 * @param id the same at each try; empty where there is none
	 */
	public record Message(Instant at, String path, String id, Seal seal, String body) {
	}

}
