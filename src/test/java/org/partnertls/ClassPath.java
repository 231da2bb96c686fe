package org.partnertls;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Class paths for processes that tests start. Surefire's own ends in an empty entry,
 * which would stand for the working directory, with all migrations a second time.
 */
public final class ClassPath {

	private ClassPath() {
	}

	/** Everything that tests see. */
	public static String ofTests() {
		return entries().collect(Collectors.joining(File.pathSeparator));
	}

	/** The portal and what it needs, without the tests. */
	static String ofPortal() {
		Path tests = Path.of(ClassPath.class.getProtectionDomain().getCodeSource().getLocation().getPath());
		return entries().filter((entry) -> !Path.of(entry).toAbsolutePath().equals(tests))
			.collect(Collectors.joining(File.pathSeparator));
	}

	private static Stream<String> entries() {
		return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
			.filter((entry) -> !entry.isEmpty());
	}

}
