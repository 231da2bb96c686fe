package lab;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Lines of protocols that are made of lines.
 */
final class Lines {

	private Lines() {
	}

	/**
	 * The next line, ISO 8859-1, without its end.
	 * @param most how long it may be
	 * @throws EOFException when it does not end
	 */
	static String next(InputStream in, int most) throws IOException {
		StringBuilder line = new StringBuilder();
		for (int b = in.read(); b != '\n'; b = in.read()) {
			if (b < 0 || line.length() > most) {
				throw new EOFException();
			}
			line.append((char) b);
		}
		int end = line.length();
		return (end > 0 && line.charAt(end - 1) == '\r') ? line.substring(0, end - 1) : line.toString();
	}

}
