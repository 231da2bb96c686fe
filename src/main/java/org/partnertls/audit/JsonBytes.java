package org.partnertls.audit;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * A line of JSON while it is put together, as bytes.
 */
final class JsonBytes {

	private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

	private byte[] bytes = new byte[4096];

	private int length;

	/** Adds characters that JSON needs no escape for. */
	JsonBytes ascii(String text) {
		room(text.length());
		for (int i = 0; i < text.length(); i++) {
			this.bytes[this.length++] = (byte) text.charAt(i);
		}
		return this;
	}

	JsonBytes base64(byte[] content) {
		return raw(Base64.getEncoder().encode(content));
	}

	private JsonBytes raw(byte[] content) {
		room(content.length);
		System.arraycopy(content, 0, this.bytes, this.length, content.length);
		this.length += content.length;
		return this;
	}

	/** Adds a text in quotation marks. */
	JsonBytes string(String text) {
		return string(text.getBytes(StandardCharsets.UTF_8));
	}

	/**
	 * Adds a text in quotation marks.
	 * @param text in UTF-8
	 */
	JsonBytes string(byte[] text) {
		room(text.length * 6 + 2);
		byte[] to = this.bytes;
		int at = this.length;
		to[at++] = '"';
		for (byte one : text) {
			if (one == '"' || one == '\\') {
				to[at++] = '\\';
				to[at++] = one;
			}
			else if (one >= 0 && one < ' ') {
				to[at++] = '\\';
				to[at++] = 'u';
				to[at++] = '0';
				to[at++] = '0';
				to[at++] = HEX[one >> 4];
				to[at++] = HEX[one & 15];
			}
			else {
				to[at++] = one;
			}
		}
		to[at++] = '"';
		this.length = at;
		return this;
	}

	private void room(int more) {
		if (this.bytes.length - this.length < more) {
			this.bytes = Arrays.copyOf(this.bytes, Math.max(this.bytes.length * 2, this.length + more));
		}
	}

	/** Writes what there is, and begins anew. */
	void to(OutputStream out) throws IOException {
		out.write(this.bytes, 0, this.length);
		this.length = 0;
	}

}
