package org.partnertls.header;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Takes in a message that is being written and breaks it off after its headers, or at a
 * limit, so that a large message is not fetched to its end.
 */
final class HeaderSink extends OutputStream {

	private final ByteArrayOutputStream headers = new ByteArrayOutputStream();

	private final int limit;

	private final boolean headersOnly;

	private boolean lineEmpty;

	/**
	 * An empty sink.
	 * @param limit how many bytes it takes at most
	 * @param headersOnly whether it breaks off after the headers
	 */
	HeaderSink(int limit, boolean headersOnly) {
		this.limit = limit;
		this.headersOnly = headersOnly;
	}

	@Override
	public void write(int b) throws IOException {
		this.headers.write(b);
		boolean ended = this.headersOnly && b == '\n' && this.lineEmpty;
		this.lineEmpty = b == '\n' || (b == '\r' && this.lineEmpty);
		if (ended || this.headers.size() >= this.limit) {
			throw new Full();
		}
	}

	/**
	 * What was taken in, a character for each byte.
	 */
	String text() {
		return this.headers.toString(StandardCharsets.ISO_8859_1);
	}

	/**
	 * Says that no more is wanted.
	 */
	static final class Full extends IOException {

		Full() {
			super("The headers are complete.");
		}

	}

}
