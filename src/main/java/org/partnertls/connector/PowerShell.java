package org.partnertls.connector;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Writes cmdlets as lines for Exchange Online PowerShell, for people who do by hand what
 * the portal cannot.
 */
final class PowerShell {

	static final String CONNECT = "Connect-ExchangeOnline";

	private PowerShell() {
	}

	static String line(String cmdlet, @Nullable String identity, Map<String, @Nullable Object> parameters) {
		StringBuilder line = new StringBuilder(cmdlet);
		if (identity != null) {
			line.append(" -Identity ").append(quoted(identity));
		}
		parameters.forEach((name, value) -> {
			// A switch-like boolean needs a colon only where it is a switch.
			line.append(" -").append(name).append(' ').append(value(value));
		});
		return line.toString();
	}

	/** The lines that do what a plan says, in its stages. */
	static List<String> lines(Plan plan) {
		List<String> lines = new ArrayList<>(List.of(CONNECT));
		for (Plan.Action action : plan.actions()) {
			switch (action.kind()) {
				case CREATE -> create(plan, action, lines);
				case CHANGE -> change(action, lines);
				case REMOVE -> lines
					.add("Remove-" + action.direction().noun() + " -Identity " + quoted(String.valueOf(action.guid())));
				case NOTHING, CONFLICT, ACCEPT -> {
				}
			}
		}
		return lines;
	}

	private static void create(Plan plan, Plan.Action action, List<String> lines) {
		String cmdlet = action.direction().noun();
		Form after = action.target();
		switch (action.direction()) {
			case OUTBOUND -> {
				lines.add(line("New-" + cmdlet, null,
						after.with(Form.ENABLED, false).forCreation(action.direction(), action.name())));
				lines.add("# Wait until the connector works everywhere (15 to 60 minutes), then:");
				lines.add(line("Validate-" + cmdlet, action.name(),
						Map.of("Recipients", plan.wanted().validationRecipients())));
				lines.add("# Only if every task was successful:");
				lines.add(line("Set-" + cmdlet, action.name(), Map.of("IsValidated", true)));
				lines.add(line("Set-" + cmdlet, action.name(), Map.of(Form.ENABLED, true)));
			}
			case INBOUND -> {
				lines.add(line("New-" + cmdlet, null, after.watching().forCreation(action.direction(), action.name())));
				lines.add("# Only after a test message has proven TLS and the observation time is over:");
				lines.add(line("Set-" + cmdlet, action.name(), after.only(after.differences(after.watching()))));
			}
		}
	}

	private static void change(Plan.Action action, List<String> lines) {
		Form after = action.target();
		Form before = action.before();
		if (before != null) {
			lines.add(line("Set-" + action.direction().noun(), action.guid(), after.only(after.differences(before))));
		}
	}

	private static String value(@Nullable Object value) {
		return switch (value) {
			case null -> "$null";
			case Boolean flag -> flag ? "$true" : "$false";
			case Instant instant -> quoted(instant.toString());
			case List<?> list -> list.isEmpty() ? "@()"
					: String.join(",", list.stream().map((element) -> quoted(element.toString())).toList());
			default -> quoted(value.toString());
		};
	}

	/**
	 * A single-quoted text: nothing in it is expanded. PowerShell ends it at typographic
	 * quotes too.
	 */
	private static String quoted(String text) {
		return "'" + text.replaceAll("\\p{Cntrl}", " ").replaceAll("(['\u2018\u2019\u201A\u201B])", "$1$1") + "'";
	}

}
