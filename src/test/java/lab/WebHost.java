package lab;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLSocket;

/**
 * A partner's web server on an address of its own, such as one with an MTA-STS policy; it
 * sends whatever bytes it is told to.
 */
public final class WebHost implements AutoCloseable {

	private final ServerSocket listening;

	private final Set<Socket> open = ConcurrentHashMap.newKeySet();

	private final List<String> asked = new CopyOnWriteArrayList<>();

	/** Nobody ever releases it: waiting for it is waiting until the server closes. */
	private final Semaphore never = new Semaphore(0);

	private volatile Pki.Identity identity;

	private volatile Answer answer = Answer.of(404, "text/plain", "nothing here\n");

	/**
	 * Starts.
	 * @param address a loopback address of its own
	 * @param port 0 for any that is free
	 * @param identity what it shows; null for a server without TLS
	 */
	public WebHost(String address, int port, Pki.Identity identity) {
		this.identity = identity;
		try {
			this.listening = new ServerSocket(port, 50, InetAddress.ofLiteral(address));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		Thread.ofPlatform().daemon().name("lab-web").start(this::serve);
	}

	public int port() {
		return this.listening.getLocalPort();
	}

	/**
	 * Shows another certificate.
	 */
	public WebHost identity(Pki.Identity identity) {
		this.identity = identity;
		return this;
	}

	public WebHost answer(Answer answer) {
		this.answer = answer;
		return this;
	}

	/**
	 * Publishes an MTA-STS policy.
	 */
	public WebHost policy(String policy) {
		return answer(Answer.of(200, "text/plain", policy));
	}

	/**
	 * The first line of each request.
	 */
	public List<String> asked() {
		return List.copyOf(this.asked);
	}

	@Override
	public void close() {
		try {
			this.listening.close();
			for (Socket socket : this.open) {
				socket.close();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void serve() {
		while (!this.listening.isClosed()) {
			try {
				Socket socket = this.listening.accept();
				this.open.add(socket);
				Thread.ofVirtual().start(() -> converse(socket));
			}
			catch (IOException ex) {
				// Closed, or the client was gone before it was served.
			}
		}
	}

	private void converse(Socket raw) {
		try (raw) {
			Socket socket = (this.identity != null) ? secure(raw) : raw;
			InputStream in = new BufferedInputStream(socket.getInputStream());
			byte[] body = request(in);
			OutputStream out = socket.getOutputStream();
			Answer now = this.answer;
			do {
				byte[] bytes = now.bytes().made(body);
				if (now.dripMillis() == 0) {
					out.write(bytes);
					continue;
				}
				for (byte b : bytes) {
					out.write(b);
					out.flush();
					if (this.never.tryAcquire(now.dripMillis(), TimeUnit.MILLISECONDS)) {
						return;
					}
				}
			}
			while (now.endless());
			socket.close();
		}
		catch (IOException ex) {
			// The client hung up.
			return;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			this.open.remove(raw);
		}
	}

	private SSLSocket secure(Socket raw) throws IOException {
		SSLSocket secure = (SSLSocket) this.identity.serverContext()
			.getSocketFactory()
			.createSocket(raw, raw.getInetAddress().getHostAddress(), raw.getPort(), true);
		secure.setUseClientMode(false);
		secure.startHandshake();
		return secure;
	}

	private byte[] request(InputStream in) throws IOException {
		this.asked.add(Lines.next(in, 4096));
		int length = 0;
		for (String line = Lines.next(in, 4096); !line.isEmpty(); line = Lines.next(in, 4096)) {
			if (line.startsWith("Content-Length: ")) {
				length = Integer.parseInt(line.substring(16));
			}
		}
		return in.readNBytes(length);
	}

	/**
	 * What a server sends.
	 *
	 * @param bytes all of it
	 * @param dripMillis between two bytes
	 * @param endless again and again
	 */
	public record Answer(Maker bytes, int dripMillis, boolean endless) {

		public static Answer raw(byte[] bytes) {
			return new Answer((request) -> bytes, 0, false);
		}

		public static Answer of(int status, String type, String body) {
			return of(status, type, body.getBytes(StandardCharsets.UTF_8));
		}

		public static Answer of(int status, String type, byte[] body) {
			return made(status, type, (request) -> body);
		}

		/**
		 * An answer that depends on what was posted.
		 */
		public static Answer made(int status, String type, Maker body) {
			return new Answer((request) -> {
				byte[] content = body.made(request);
				byte[] head = ("HTTP/1.1 " + status + " Some\r\nContent-Type: " + type + "\r\nContent-Length: "
						+ content.length + "\r\n\r\n")
					.getBytes(StandardCharsets.US_ASCII);
				byte[] all = Arrays.copyOf(head, head.length + content.length);
				System.arraycopy(content, 0, all, head.length, content.length);
				return all;
			}, 0, false);
		}

		public Answer drip(int millis) {
			return new Answer(this.bytes, millis, this.endless);
		}

		public Answer withoutEnd() {
			return new Answer(this.bytes, this.dripMillis, true);
		}

	}

	/**
	 * Makes bytes from what was posted.
	 */
	public interface Maker {

		byte[] made(byte[] request);

	}

}
