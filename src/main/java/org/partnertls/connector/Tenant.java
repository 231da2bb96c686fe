package org.partnertls.connector;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.partnertls.exchange.InboundConnector;
import org.partnertls.exchange.OutboundConnector;

/**
 * The tenant's connectors as they were listed: whole, or not at all.
 */
record Tenant(List<Seen> connectors) {

	static final Tenant EMPTY = new Tenant(List.of());

	Tenant {
		connectors = List.copyOf(connectors);
	}

	static Tenant of(List<OutboundConnector> outbound, List<InboundConnector> inbound) {
		return new Tenant(
				java.util.stream.Stream.concat(outbound.stream().map(Seen::of), inbound.stream().map(Seen::of))
					.toList());
	}

	Optional<Seen> byGuid(Direction direction, String guid) {
		return of(direction).stream().filter((seen) -> seen.guid().equalsIgnoreCase(guid)).findFirst();
	}

	Optional<Seen> byName(Direction direction, String name) {
		return of(direction).stream().filter((seen) -> seen.name().equalsIgnoreCase(name)).findFirst();
	}

	List<Seen> of(Direction direction) {
		return this.connectors.stream().filter((seen) -> seen.direction() == direction).toList();
	}

	/**
	 * A connector of the tenant.
	 *
	 * @param outbound all that is known of an outbound one; null: it is inbound
	 * @param changedAt when it was last changed, by the tenant's clock; null: not told
	 */
	record Seen(Direction direction, String guid, String name, Form form, @Nullable OutboundConnector outbound,
			@Nullable Instant changedAt) {

		static Seen of(OutboundConnector stored) {
			return new Seen(Direction.OUTBOUND, stored.guid(), stored.name(), Form.of(stored), stored,
					stored.whenChanged());
		}

		static Seen of(InboundConnector stored) {
			return new Seen(Direction.INBOUND, stored.guid(), stored.name(), Form.of(stored), null,
					stored.whenChanged());
		}

		boolean isEnabled() {
			return this.form.is(Form.ENABLED);
		}

		boolean isValidated() {
			return this.outbound != null && Boolean.TRUE.equals(this.outbound.isValidated());
		}

	}

}
