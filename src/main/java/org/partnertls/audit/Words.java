package org.partnertls.audit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * The catalogue of acts: what each code of the history means. The words stand in
 * {@code audit-codes.properties}.
 */
final class Words {

	private static final Properties WORDS = load();

	private Words() {
	}

	/** The meaning of a code; the code itself where none is written down. */
	static String of(String code) {
		return WORDS.getProperty(code, code);
	}

	private static Properties load() {
		Properties words = new Properties();
		try (InputStream in = Words.class.getResourceAsStream("/audit-codes.properties")) {
			if (in != null) {
				words.load(new java.io.InputStreamReader(in, java.nio.charset.StandardCharsets.UTF_8));
			}
			return words;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
