package org.partnertls.organization;

/**
 * Patterns for SQL's {@code like}.
 */
public final class Like {

	private Like() {
	}

	/**
	 * Fits whatever contains the words, in which {@code %} and {@code _} stand for
	 * themselves.
	 */
	public static String containing(String words) {
		return "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%";
	}

}
