package org.partnertls.connector;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;

/**
 * What one connector enforces. Each time that this changes, by whatever way, the history
 * gets an event that says so in the same words, so that anybody can tell from the history
 * alone what was enforced at any time, and why it stopped.
 *
 * @param on whether clear text does not pass
 * @param level how much it asks for, in Exchange Online's words
 * @param domains for which domains
 */
record Enforcement(boolean on, String level, List<String> domains) {

	/** What nothing enforces. */
	static final Enforcement NONE = new Enforcement(false, "", List.of());

	/** What a connector with these settings enforces. */
	static Enforcement of(Direction direction, @Nullable Form form) {
		if (form == null) {
			return NONE;
		}
		Object domains = form.get((direction == Direction.OUTBOUND) ? Form.RECIPIENT_DOMAINS : Form.SENDER_DOMAINS);
		return new Enforcement(Plan.isEnforcing(direction, form), level(direction, form),
				(domains instanceof List<?> list) ? list.stream().map(String::valueOf).sorted().toList() : List.of());
	}

	private static String level(Direction direction, Form form) {
		if (direction == Direction.OUTBOUND) {
			Object domain = form.get(Form.TLS_DOMAIN);
			return Objects.requireNonNullElse(form.get(Form.TLS_SETTINGS), "none")
					+ ((domain != null) ? " " + domain : "");
		}
		Object certificate = form.get(Form.CERTIFICATE);
		return (form.is(Form.REQUIRE_TLS) ? "RequireTls" : "none")
				+ ((form.is(Form.BY_CERTIFICATE) && certificate != null) ? " " + certificate : "");
	}

	/**
	 * The event for what changed between two settings of a connector; empty when what is
	 * enforced did not.
	 * @param cause why, in a few words
	 */
	static Optional<Act> changed(OwnConnector connector, @Nullable Form before, @Nullable Form after, String cause) {
		Direction direction = connector.direction();
		Enforcement was = of(direction, before);
		Enforcement is = of(direction, after);
		if (was.on == is.on && (!is.on || was.equals(is))) {
			return Optional.empty();
		}
		Act act = Act.of((was.on == is.on) ? "enforcement.changed" : is.on ? "enforcement.began" : "enforcement.ended")
			.on("connector", connector.guid())
			.partner(connector.partnerId(), connector.partnerName())
			.detail("direction", direction)
			.detail("cause", cause)
			.detail("tenant", connector.tenantId());
		if (!was.level.equals(is.level)) {
			act.change("level", was.level.isEmpty() ? null : was.level, is.level.isEmpty() ? null : is.level);
		}
		if (!was.domains.equals(is.domains)) {
			act.change("domains", was.domains.isEmpty() ? null : String.join(" ", was.domains),
					is.domains.isEmpty() ? null : String.join(" ", is.domains));
		}
		if (is.on) {
			act.detail("level", is.level).detail("domains", String.join(" ", is.domains));
		}
		return Optional.of(act);
	}

}
