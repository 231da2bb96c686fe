package org.partnertls.audit;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How long events are worth keeping: classes of acts, of which each may leave the
 * database after a time of its own. Whatever leaves goes to a signed archive; its leaves
 * stay in the tree, so that all proofs hold.
 */
public enum Keeping {

	/** Who came in, who looked at what. Most of it is about people. */
	ACCESS(List.of("sign-in", "sign-out", "code", "access", "theme"),
			List.of("history.searched", "history.opened", "history.downloaded", "evidence.opened")),

	/** That the portal did its daily work. */
	OPERATION(List.of("mail", "job", "connection", "tenant"),
			List.of("tlscheck.finished", "tlscheck.round-asked", "tlscheck.round-finished", "domain.looked-up",
					"checkpoint.handed-out", "alarm.told", "alarm.webhook-tested")),

	/** What evidence is made of: everything else. */
	RECORD(List.of(), List.of());

	@SuppressWarnings("ImmutableEnumChecker") // List.of
	private final List<String> groups;

	@SuppressWarnings("ImmutableEnumChecker") // List.of
	private final List<String> codes;

	Keeping(List<String> groups, List<String> codes) {
		this.groups = groups;
		this.codes = codes;
	}

	/** The class of an act, whatever came of it. */
	public static Keeping of(String code) {
		String act = code.replaceFirst("\\.(failed|refused)$", "");
		return Stream.of(ACCESS, OPERATION)
			.filter((one) -> one.codes.contains(act)
					|| one.groups.stream().anyMatch((group) -> act.equals(group) || act.startsWith(group + ".")))
			.findFirst()
			.orElse(RECORD);
	}

	/** By its name in settings and commands. */
	static Optional<Keeping> named(String name) {
		return Stream.of(values()).filter((one) -> one.key().equals(name)).findFirst();
	}

	public String key() {
		return name().toLowerCase(Locale.ROOT);
	}

	/** The condition on the column “code”. Made of constants alone. */
	String condition() {
		return switch (this) {
			case ACCESS, OPERATION -> "(split_part(code, '.', 1) in (" + quoted(this.groups)
					+ ") or regexp_replace(code, '\\.(failed|refused)$', '') in (" + quoted(this.codes) + "))";
			case RECORD -> "not " + ACCESS.condition() + " and not " + OPERATION.condition();
		};
	}

	private static String quoted(List<String> words) {
		return words.stream().map((word) -> "'" + word + "'").collect(Collectors.joining(", "));
	}

}
