package org.partnertls.connector;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;

/**
 * Finds other connectors of the tenant that are for the same mail. They belong to what is
 * approved: when one of them changes, the plan does something else than it seemed to.
 */
final class Overlaps {

	private Overlaps() {
	}

	/**
	 * Another connector that is switched on.
	 *
	 * @param mark of its settings as they are
	 * @param sentence why it matters
	 */
	record Overlap(Direction direction, String guid, String name, String mark, String sentence) {
	}

	static List<Overlap> of(Direction direction, Wanted wanted, Tenant tenant, @Nullable String own) {
		List<Overlap> overlaps = new ArrayList<>();
		for (Tenant.Seen other : tenant.of(direction)) {
			if (!other.isEnabled() || other.guid().equalsIgnoreCase(String.valueOf(own))
					|| other.form().is("IsTransportRuleScoped")) {
				continue;
			}
			sentence(direction, wanted, other).ifPresent((sentence) -> overlaps
				.add(new Overlap(direction, other.guid(), other.name(), other.form().mark(), sentence)));
		}
		return overlaps;
	}

	private static Optional<String> sentence(Direction direction, Wanted wanted, Tenant.Seen other) {
		List<String> theirs = other.form()
			.texts((direction == Direction.OUTBOUND) ? Form.RECIPIENT_DOMAINS : Form.SENDER_DOMAINS);
		List<String> ours = (direction == Direction.OUTBOUND) ? wanted.recipientPatterns() : wanted.senderPatterns();
		return ours.stream()
			.filter(theirs::contains)
			.findFirst()
			.map((pattern) -> "The " + lower(direction) + " connector \"" + other.name() + "\" is for "
					+ readable(pattern)
					+ " too and switched on; which of the two Exchange Online uses is not defined. Switch one off.")
			.or(() -> wanted.domains()
				.stream()
				.flatMap((domain) -> theirs.stream()
					.filter((pattern) -> covers(direction, pattern, domain))
					.map((pattern) -> "The " + lower(direction) + " connector \"" + other.name() + "\" covers "
							+ domain.display() + " with the pattern " + pattern + "; check that both are meant."))
				.findFirst())
			.or(() -> wanted.options()
				.subdomainsOf()
				.stream()
				.filter((domain) -> theirs.stream().anyMatch((pattern) -> pattern.endsWith("." + domain.ascii())))
				.map((domain) -> "The " + lower(direction) + " connector \"" + other.name()
						+ "\" is for a sub-domain of " + domain.display()
						+ " and goes before this one there; check that both are meant.")
				.findFirst())
			.or(() -> (direction == Direction.INBOUND) ? hosts(wanted, other) : Optional.empty());
	}

	/**
	 * Exchange Online looks for a connector by address and certificate first, by sender
	 * domain only then.
	 */
	private static Optional<String> hosts(Wanted wanted, Tenant.Seen other) {
		Form ours = Form.wanted(Direction.INBOUND, wanted);
		String name = ours.text(Form.CERTIFICATE, null);
		return foundBy(other, ours.texts(Form.ADDRESSES),
				(theirs) -> name != null && (isFor(theirs, name) || isFor(name, theirs)))
			.map((how) -> "The inbound connector \"" + other.name()
					+ "\" is for some of the same servers and is found first; check that both are meant.");
	}

	/**
	 * By what of some servers an inbound connector is found, whatever domain they send
	 * for. One to our own servers needs no restriction for that.
	 * @param addresses of the servers, or ranges
	 * @param certificate tells whether theirs has a name, or one with {@code *.} before
	 * it
	 */
	static Optional<String> foundBy(Tenant.Seen other, Collection<String> addresses, Predicate<String> certificate) {
		boolean hybrid = "OnPremises".equals(other.form().get("ConnectorType"));
		if (hybrid || other.form().is(Form.BY_ADDRESS)) {
			for (String range : other.form().texts(Form.ADDRESSES)) {
				if (addresses.stream().anyMatch((address) -> Ipv4Range.meet(range, address))) {
					return Optional.of("the addresses " + range);
				}
			}
		}
		String name = other.form().text(Form.CERTIFICATE, null);
		return ((hybrid || other.form().is(Form.BY_CERTIFICATE)) && name != null && certificate.test(name))
				? Optional.of("the certificate " + name) : Optional.empty();
	}

	/** Whether a name in a certificate is meant; {@code *.} covers the domain too. */
	static boolean isFor(String pattern, String name) {
		return name.equals(pattern) || (pattern.startsWith("*.")
				&& (name.equals(pattern.substring(2)) || name.endsWith(pattern.substring(1))));
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

	private static String readable(String pattern) {
		String star = pattern.startsWith("*.") ? "*." : "";
		return star + DomainName.of(pattern.substring(star.length())).display();
	}

	private static String lower(Direction direction) {
		return direction.words().toLowerCase(Locale.ROOT);
	}

}
