package org.partnertls.audit;

import java.util.concurrent.locks.LockSupport;

/**
 * A process that writes to a history and seals it until it is killed.
 */
final class AuditLoad {

	private AuditLoad() {
	}

	/**
	 * Goes on for ever.
	 * @param args the JDBC URL and the signing key
	 */
	public static void main(String[] args) {
		OwnHistory history = new OwnHistory(args[0], OwnHistory.keys(args[1]));
		for (int i = 0; i < 3; i++) {
			Thread.ofPlatform().start(() -> {
				while (true) {
					history.append(10);
				}
			});
		}
		while (true) {
			history.transaction.execute((status) -> history.sequencer.seal());
			LockSupport.parkNanos(20_000_000);
		}
	}

}
