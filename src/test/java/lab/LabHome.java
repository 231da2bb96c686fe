package lab;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Properties;

/**
 * The directory in which a lab keeps what it needs again: ports, secrets, data. One lab
 * at a time holds it.
 */
final class LabHome implements AutoCloseable {

	/** Below the range from which outgoing connections take their ports. */
	private static final int FIRST_PORT = 20_000;

	private static final int PORTS = 10_000;

	private static final SecureRandom RANDOM = new SecureRandom();

	private final Path directory;

	private final FileChannel channel;

	private final FileLock lock;

	private LabHome(Path directory, FileChannel channel, FileLock lock) {
		this.directory = directory;
		this.channel = channel;
		this.lock = lock;
	}

	/**
	 * Makes the directory, if need be, and takes it.
	 * @throws LabException when another lab has it
	 */
	static LabHome open(Path directory) {
		Path absolute = directory.toAbsolutePath().normalize();
		FileChannel channel = null;
		try {
			Files.createDirectories(absolute,
					PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
			channel = FileChannel.open(absolute.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
			FileLock lock = channel.tryLock();
			if (lock != null) {
				return new LabHome(absolute, channel, lock);
			}
		}
		catch (OverlappingFileLockException ex) {
			// Another lab in this process: told below.
		}
		catch (IOException ex) {
			throw new LabException("The lab cannot write to " + absolute + ": " + ex.getMessage() + ".");
		}
		close(channel);
		throw new LabException("Another lab is running on " + absolute
				+ ". Stop it first, or set LAB_HOME to another directory for a second one.");
	}

	private static void close(FileChannel channel) {
		try {
			if (channel != null) {
				channel.close();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** A file or directory of this name, whether or not it is there. */
	Path path(String name) {
		return this.directory.resolve(name);
	}

	/**
	 * The port that a service had the last time, or a new one when it is taken by now. A
	 * variable such as {@code LAB_PORT_SIGN_IN} decides it from outside.
	 * @param service remembers it by this
	 * @param addresses where it must be free, for TCP and UDP
	 */
	synchronized int port(String service, String... addresses) {
		String told = System.getenv("LAB_PORT_" + service.toUpperCase(Locale.ROOT).replace('-', '_'));
		if (told != null) {
			return Integer.parseInt(told);
		}
		Properties ports = read("ports.properties");
		String remembered = ports.getProperty(service);
		if (remembered != null && isFree(Integer.parseInt(remembered), addresses)) {
			return Integer.parseInt(remembered);
		}
		int port = FIRST_PORT + RANDOM.nextInt(PORTS);
		while (ports.containsValue(Integer.toString(port)) || !isFree(port, addresses)) {
			port = FIRST_PORT + RANDOM.nextInt(PORTS);
		}
		ports.setProperty(service, Integer.toString(port));
		write("ports.properties", ports);
		return port;
	}

	/**
	 * A secret made once, 128 bits in hexadecimal.
	 */
	synchronized String secret(String name) {
		Properties secrets = read("secrets.properties");
		if (secrets.getProperty(name) == null) {
			byte[] random = new byte[16];
			RANDOM.nextBytes(random);
			secrets.setProperty(name, HexFormat.of().formatHex(random));
			write("secrets.properties", secrets);
		}
		return secrets.getProperty(name);
	}

	/**
	 * Whether nobody listens at a port.
	 */
	static boolean isFree(int port, String... addresses) {
		for (String address : addresses) {
			InetSocketAddress wanted = new InetSocketAddress(InetAddress.ofLiteral(address), port);
			try (ServerSocket tcp = new ServerSocket(); DatagramSocket udp = new DatagramSocket(null)) {
				tcp.bind(wanted);
				udp.bind(wanted);
			}
			catch (IOException ex) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Writes a file that only its owner reads, whole or not at all.
	 */
	void write(String name, String content) {
		try {
			Path written = Files.createTempFile(this.directory, name, ".new",
					PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
			Files.writeString(written, content);
			Files.move(written, path(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Writes properties.
	 */
	void write(String name, Properties properties) {
		StringWriter text = new StringWriter();
		try {
			properties.store(text, null);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		write(name, text.toString());
	}

	private Properties read(String name) {
		Properties properties = new Properties();
		try {
			if (Files.exists(path(name))) {
				properties.load(new StringReader(Files.readString(path(name))));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return properties;
	}

	@Override
	public void close() {
		try {
			this.lock.release();
			this.channel.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
