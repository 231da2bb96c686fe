package org.partnertls.exchange;

/**
 * What running a cmdlet twice would do.
 */
enum Effect {

	/**
	 * Changes nothing: may be repeated.
	 */
	READ,

	/**
	 * Changes the tenant: sent once.
	 */
	WRITE,

	/**
	 * Sends a test message: sent once by us, though a repetition does no harm.
	 */
	VALIDATE

}
