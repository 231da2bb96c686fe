package bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * Thousands of mail servers in one process of its own, told apart by the loopback address
 * that a client connects to: 127.60 good, 61 without STARTTLS, 62 expired, 63 busy (421),
 * 64 a byte a second, 65 good with 200 ms before each reply. A second port speaks TLS at
 * once, for clients without SMTP.
 */
final class StartTlsServers {

	private static final AtomicInteger CONNECTIONS = new AtomicInteger();

	private static final AtomicInteger RESUMED = new AtomicInteger();

	private StartTlsServers() {
	}

	/**
	 * Serves until its input ends.
	 * @param arguments a directory with good.p12 and expired.p12, with the password bench
	 */
	public static void main(String[] arguments) throws Exception {
		SSLContext good = context(Path.of(arguments[0], "good.p12"));
		SSLContext expired = context(Path.of(arguments[0], "expired.p12"));
		ServerSocket smtp = new ServerSocket(0, 4096);
		ServerSocket direct = new ServerSocket(0, 4096);
		serve(smtp, (socket) -> converse(socket, good, expired));
		serve(direct, (socket) -> {
			SSLSocket secure = (SSLSocket) good.getSocketFactory().createSocket(socket, null, 0, true);
			secure.setUseClientMode(false);
			secure.startHandshake();
			secure.getInputStream().transferTo(OutputStream.nullOutputStream());
		});
		System.out.println(smtp.getLocalPort() + " " + direct.getLocalPort());
		while (System.in.read() >= 0) {
			System.out.println(CONNECTIONS.getAndSet(0) + " " + RESUMED.getAndSet(0));
		}
	}

	private static void serve(ServerSocket listening, Service service) {
		Thread.ofPlatform().daemon().start(() -> {
			while (true) {
				try {
					Socket socket = listening.accept();
					Thread.ofVirtual().start(() -> {
						try (socket) {
							socket.setTcpNoDelay(true);
							service.serve(socket);
						}
						catch (IOException | InterruptedException ex) {
							// The client is gone.
							return;
						}
					});
				}
				catch (IOException ex) {
					throw new IllegalStateException(ex);
				}
			}
		});
	}

	private static void converse(Socket raw, SSLContext good, SSLContext expired)
			throws IOException, InterruptedException {
		CONNECTIONS.incrementAndGet();
		int kind = raw.getLocalAddress().getAddress()[1];
		InputStream in = new BufferedInputStream(raw.getInputStream());
		OutputStream out = raw.getOutputStream();
		long delay = (kind == 65) ? 200 : 0;
		if (kind == 63) {
			say(out, "421 4.7.0 Too busy\r\n", delay);
			return;
		}
		if (kind == 64) {
			for (byte b : "220 very slow indeed, as slow as can be, and then slower\r\n"
				.getBytes(StandardCharsets.US_ASCII)) {
				out.write(b);
				Thread.sleep(1000);
			}
		}
		say(out, "220 mx.bench.example ESMTP\r\n", delay);
		while (true) {
			String line = line(in);
			if (line.startsWith("EHLO")) {
				boolean offers = kind != 61 && !(raw instanceof SSLSocket);
				say(out, "250-mx.bench.example\r\n250-PIPELINING\r\n" + (offers ? "250-STARTTLS\r\n" : "")
						+ "250 8BITMIME\r\n", delay);
			}
			else if (line.equals("STARTTLS")) {
				say(out, "220 2.0.0 Ready\r\n", delay);
				long began = System.currentTimeMillis();
				SSLSocket secure = (SSLSocket) ((kind == 62) ? expired : good).getSocketFactory()
					.createSocket(raw, null, 0, true);
				secure.setUseClientMode(false);
				secure.startHandshake();
				// A resumed session is as old as the one that it goes on with.
				if (secure.getSession().getCreationTime() < began) {
					RESUMED.incrementAndGet();
				}
				raw = secure;
				in = new BufferedInputStream(secure.getInputStream());
				out = secure.getOutputStream();
			}
			else if (line.equals("QUIT")) {
				say(out, "221 2.0.0 Bye\r\n", delay);
				return;
			}
			else {
				say(out, "502 5.5.1 No\r\n", delay);
			}
		}
	}

	private static void say(OutputStream out, String text, long delay) throws IOException, InterruptedException {
		if (delay > 0) {
			Thread.sleep(delay);
		}
		out.write(text.getBytes(StandardCharsets.US_ASCII));
		out.flush();
	}

	private static String line(InputStream in) throws IOException {
		StringBuilder line = new StringBuilder();
		for (int b = in.read(); b != '\n'; b = in.read()) {
			if (b < 0 || line.length() > 1000) {
				throw new IOException("gone");
			}
			if (b != '\r') {
				line.append((char) b);
			}
		}
		return line.toString();
	}

	private static SSLContext context(Path file) throws IOException, GeneralSecurityException {
		KeyStore store = KeyStore.getInstance("PKCS12");
		try (InputStream in = Files.newInputStream(file)) {
			store.load(in, "bench".toCharArray());
		}
		KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
		keys.init(store, "bench".toCharArray());
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(keys.getKeyManagers(), null, null);
		return context;
	}

	private interface Service {

		void serve(Socket socket) throws IOException, InterruptedException;

	}

}
