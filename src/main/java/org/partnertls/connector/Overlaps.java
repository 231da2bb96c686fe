package org.partnertls.connector;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;

/**
 * Finds other connectors of the tenant that are for the same mail.
 */
final class Overlaps {

	private Overlaps() {
	}

	static List<String> of(Direction direction, Wanted wanted, Tenant tenant, @Nullable String own) {
		List<String> sentences = new ArrayList<>();
		for (Tenant.Seen other : tenant.of(direction)) {
			if (!other.isEnabled() || other.guid().equalsIgnoreCase(String.valueOf(own))
					|| other.form().is("IsTransportRuleScoped")) {
				continue;
			}
			for (DomainName domain : wanted.domains()) {
				overlap(direction, domain, other, sentences);
			}
		}
		return sentences;
	}

	private static void overlap(Direction direction, DomainName domain, Tenant.Seen other, List<String> sentences) {
		List<String> patterns = other.form()
			.texts((direction == Direction.OUTBOUND) ? Form.RECIPIENT_DOMAINS : Form.SENDER_DOMAINS);
		if (patterns.contains(domain.ascii())) {
			sentences.add("The " + lower(direction) + " connector \"" + other.name() + "\" is for " + domain.display()
					+ " too and switched on; which of the two Exchange Online uses is not defined. Switch one off.");
			return;
		}
		patterns.stream()
			.filter((pattern) -> covers(direction, pattern, domain))
			.findFirst()
			.ifPresent(
					(pattern) -> sentences.add("The " + lower(direction) + " connector \"" + other.name() + "\" covers "
							+ domain.display() + " with the pattern " + pattern + "; check that both are meant."));
	}

	/**
	 * A pattern covers sub-domains; that of a sender covers the domain itself as well.
	 */
	private static boolean covers(Direction direction, String pattern, DomainName domain) {
		if (pattern.equals("*")) {
			return true;
		}
		if (!pattern.startsWith("*.")) {
			return false;
		}
		String base = pattern.substring(2);
		return domain.ascii().endsWith("." + base) || (direction == Direction.INBOUND && domain.ascii().equals(base));
	}

	private static String lower(Direction direction) {
		return direction.words().toLowerCase(java.util.Locale.ROOT);
	}

}
