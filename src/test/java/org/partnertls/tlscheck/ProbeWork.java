package org.partnertls.tlscheck;

import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;

import org.partnertls.tlscheck.Report.AddressReport;

/**
 * The work of one probe and no more, for benchmarks: greeting, EHLO, STARTTLS, handshake,
 * EHLO, QUIT and the judgement of chain and name, without looking anything up.
 */
public final class ProbeWork implements AutoCloseable {

	private final ProbeSettings settings;

	private final ChainJudge judge;

	private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);

	public ProbeWork(ProbeSettings settings) {
		this.settings = settings;
		this.judge = new ChainJudge(settings.trustAnchors());
		this.timer.setRemoveOnCancelPolicy(true);
	}

	public AddressReport probe(String host, InetAddress address) {
		long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
		return new AddressProbe(this.settings, this.judge, Clock.systemUTC(), this.timer,
				new AddressProbe.Target(host, host, address, host, end), (sentence) -> {
				})
			.run();
	}

	@Override
	public void close() {
		this.timer.shutdownNow();
	}

}
