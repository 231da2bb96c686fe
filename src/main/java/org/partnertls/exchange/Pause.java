package org.partnertls.exchange;

import java.time.Duration;

/**
 * How time passes between two tries.
 */
@FunctionalInterface
interface Pause {

	Pause SLEEP = Thread::sleep;

	void take(Duration duration) throws InterruptedException;

}
