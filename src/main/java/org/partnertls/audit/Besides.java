package org.partnertls.audit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.Set;
import java.util.UUID;

/**
 * Reads what stands beside many events at once. Their ids begin with their time, so that
 * neighbours in the tree are neighbours in the table: one stretch of its index is read
 * rather than each event looked up.
 */
final class Besides {

	private static final String COLUMNS = "select event_id, slot, person_id, salt, content from audit_personal where ";

	/** How PostgreSQL orders ids. */
	private static final Comparator<UUID> ORDER = (a, b) -> {
		int order = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
		return (order != 0) ? order : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
	};

	private Besides() {
	}

	/**
	 * Takes every row beside the events, in no order: event, slot, person, salt, content.
	 */
	static void each(Connection connection, Set<UUID> events, Row taken) throws SQLException {
		if (!events.isEmpty() && !stretch(connection, events, taken)) {
			listed(connection, events, taken);
		}
	}

	/**
	 * Reads from the lowest id to the highest.
	 * @return false, and nothing was taken: too much of others lies between
	 */
	private static boolean stretch(Connection connection, Set<UUID> events, Row taken) throws SQLException {
		int most = events.size() * 8 + 1000;
		try (PreparedStatement query = connection.prepareStatement(
				COLUMNS + "event_id >= ? and event_id <= ? limit " + most, ResultSet.TYPE_SCROLL_INSENSITIVE,
				ResultSet.CONCUR_READ_ONLY)) {
			query.setObject(1, events.stream().min(ORDER).orElseThrow());
			query.setObject(2, events.stream().max(ORDER).orElseThrow());
			try (ResultSet row = query.executeQuery()) {
				if (row.last() && row.getRow() == most) {
					return false;
				}
				row.beforeFirst();
				while (row.next()) {
					UUID event = row.getObject(1, UUID.class);
					if (events.contains(event)) {
						taken.take(event, row);
					}
				}
				return true;
			}
		}
	}

	private static void listed(Connection connection, Set<UUID> events, Row taken) throws SQLException {
		try (PreparedStatement query = connection.prepareStatement(COLUMNS + "event_id = any(?)")) {
			query.setArray(1, connection.createArrayOf("uuid", events.toArray()));
			try (ResultSet row = query.executeQuery()) {
				while (row.next()) {
					taken.take(row.getObject(1, UUID.class), row);
				}
			}
		}
	}

	/** Takes one row. */
	interface Row {

		void take(UUID event, ResultSet row) throws SQLException;

	}

}
