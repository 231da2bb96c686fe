package org.partnertls.tlscheck;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * One element of DER (X.690), as far as certificates' extensions and OCSP requests need
 * it.
 */
final class Der {

	private static final int MAX_CHILDREN = 100;

	private final int tag;

	private final byte[] content;

	private Der(int tag, byte[] content) {
		this.tag = tag;
		this.content = content;
	}

	int tag() {
		return this.tag;
	}

	/**
	 * What it holds.
	 */
	byte[] content() {
		return this.content.clone();
	}

	/**
	 * Reads the element at the start.
	 * @return nothing when there is none
	 */
	static @Nullable Der read(byte[] bytes) {
		int[] at = { 0 };
		return read(bytes, at);
	}

	private static @Nullable Der read(byte[] bytes, int[] at) {
		int next = at[0];
		if (bytes.length - next < 2) {
			return null;
		}
		int tag = Byte.toUnsignedInt(bytes[next++]);
		int length = Byte.toUnsignedInt(bytes[next++]);
		if (length > 0x80) {
			int count = length - 0x80;
			if (count > 3 || bytes.length - next < count) {
				return null;
			}
			length = 0;
			for (int i = 0; i < count; i++) {
				length = (length << 8) | Byte.toUnsignedInt(bytes[next++]);
			}
		}
		if (bytes.length - next < length) {
			return null;
		}
		at[0] = next + length;
		return new Der(tag, Arrays.copyOfRange(bytes, next, next + length));
	}

	/**
	 * The elements inside, where it holds some; empty otherwise.
	 */
	List<Der> children() {
		List<Der> children = new ArrayList<>();
		if ((this.tag & 0x20) == 0) {
			return children;
		}
		int[] at = { 0 };
		for (Der child = read(this.content, at); child != null
				&& children.size() < MAX_CHILDREN; child = read(this.content, at)) {
			children.add(child);
		}
		return children;
	}

	String text() {
		return new String(this.content, StandardCharsets.ISO_8859_1);
	}

	/**
	 * Whether this is the element that some bytes are.
	 */
	boolean isExactly(byte[] encoded) {
		return Arrays.equals(of(this.tag, this.content), encoded);
	}

	static byte[] of(int tag, byte[] content) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		out.write(tag);
		if (content.length < 0x80) {
			out.write(content.length);
		}
		else {
			out.write(0x82);
			out.write(content.length >> 8);
			out.write(content.length);
		}
		out.writeBytes(content);
		return out.toByteArray();
	}

	static byte[] sequence(byte[]... elements) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		for (byte[] element : elements) {
			out.writeBytes(element);
		}
		return of(0x30, out.toByteArray());
	}

}
