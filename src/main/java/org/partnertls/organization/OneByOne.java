package org.partnertls.organization;

import java.util.Collection;
import java.util.UUID;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.transaction.support.TransactionTemplate;

/**
 * Work on many that are found by id.
 */
public final class OneByOne {

	private static final Logger log = LoggerFactory.getLogger(OneByOne.class);

	private OneByOne() {
	}

	/**
	 * Does it for each in a transaction of its own: one that fails is logged and keeps no
	 * other from its turn.
	 * @param what the work, for the log
	 * @throws IllegalStateException when all had their turn and some failed, so that the
	 * job shows it
	 */
	public static void each(String what, Collection<UUID> ids, TransactionTemplate transaction, Consumer<UUID> work) {
		RuntimeException first = null;
		int failed = 0;
		for (UUID id : ids) {
			@Nullable RuntimeException wrong = attempt(id, transaction, work);
			if (wrong != null) {
				log.error("{} failed for {}", what, id, wrong);
				first = (first != null) ? first : wrong;
				failed++;
			}
		}
		if (first != null) {
			throw new IllegalStateException(what + " failed for " + failed + " of " + ids.size(), first);
		}
	}

	private static @Nullable RuntimeException attempt(UUID id, TransactionTemplate transaction, Consumer<UUID> work) {
		try {
			transaction.executeWithoutResult((status) -> work.accept(id));
			return null;
		}
		catch (RuntimeException ex) {
			return ex;
		}
	}

}
