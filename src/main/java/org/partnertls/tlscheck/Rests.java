package org.partnertls.tlscheck;

import java.net.InetAddress;

import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.Report.AddressReport;

/**
 * Knows which servers put us off and are left alone for a while. Called by many threads.
 */
interface Rests {

	/** Knows of none. */
	Rests NONE = new Rests() {

		@Override
		public @Nullable AddressReport resting(String host, InetAddress address) {
			return null;
		}

		@Override
		public void seen(String host, InetAddress address, AddressReport report) {
		}

	};

	/**
	 * What a server said when it put us off, as long as it is not to be asked again.
	 */
	@Nullable AddressReport resting(String host, InetAddress address);

	/** Takes note of what it says now. */
	void seen(String host, InetAddress address, AddressReport report);

}
