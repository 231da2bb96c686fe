package org.partnertls.tlscheck;

import java.net.InetAddress;
import java.util.Optional;

import org.partnertls.tlscheck.Report.AddressReport;

/**
 * What servers showed a short time ago, so that a server with many domains on it is asked
 * once for all of them. Called while the address is held, by many threads.
 */
interface SharedProbes {

	/** Shares nothing. */
	SharedProbes NONE = new SharedProbes() {

		@Override
		public Optional<AddressReport> recent(String host, InetAddress address) {
			return Optional.empty();
		}

		@Override
		public void keep(String host, InetAddress address, AddressReport report) {
		}

	};

	/**
	 * What the server showed, when that is recent enough, or when it does not want to be
	 * asked again yet.
	 */
	Optional<AddressReport> recent(String host, InetAddress address);

	/** Takes note of what it shows now. */
	void keep(String host, InetAddress address, AddressReport report);

}
