package org.partnertls.tlscheck;

import java.net.InetAddress;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.google.common.util.concurrent.Striped;
import org.jspecify.annotations.Nullable;
import org.partnertls.dns.Dns;
import org.partnertls.dns.DnsAnswer;
import org.partnertls.dns.DnsAnswer.Absence;
import org.partnertls.dns.MxHost;
import org.partnertls.organization.DomainName;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.HostReport;
import org.partnertls.tlscheck.Report.HostState;
import org.partnertls.tlscheck.Report.MxFinding;
import org.partnertls.tlscheck.Report.MxOutcome;
import org.partnertls.tlscheck.Report.Stage;
import org.partnertls.tlscheck.Report.StageOutcome;
import org.partnertls.tlscheck.Report.StageReport;

/**
 * Checks how a domain's mail servers do TLS: looks up where mail goes (RFC 5321 section
 * 5.1), then talks to every server at every address, up to ten hosts with four addresses
 * each. Hosts are talked to side by side, the addresses of a host one after another, and
 * no address by two checks at once. Names are resolved once and the connection goes to
 * the address that was judged, so a name cannot change its mind in between.
 */
public final class Prober implements AutoCloseable {

	private static final int MAX_HOSTS = 10;

	private static final int MAX_ADDRESSES = 4;

	private static final Pattern HOST_NAME = Pattern
		.compile("(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?");

	private static final Pattern NUMERIC = Pattern.compile("[0-9.]+");

	private static final Pattern LOCAL_NAME = Pattern
		.compile("[^.]+|(?:.*\\.)?(?:localhost|local|localdomain|internal|invalid|onion|arpa)");

	private final Dns dns;

	private final ProbeSettings settings;

	private final Clock clock;

	private final AddressGuard guard;

	private final ChainJudge judge;

	private final Semaphore connections;

	private final Striped<Lock> addresses = Striped.lazyWeakLock(1024);

	private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1,
			Thread.ofPlatform().daemon().name("tls-check-timer").factory());

	public Prober(Dns dns, ProbeSettings settings, Clock clock) {
		this.dns = dns;
		this.settings = settings;
		this.clock = clock;
		this.guard = new AddressGuard(settings.allowedNetworks());
		this.judge = new ChainJudge(settings.trustAnchors());
		this.connections = new Semaphore(settings.concurrency());
		this.timer.setRemoveOnCancelPolicy(true);
	}

	/**
	 * Checks a domain, which takes some seconds and at most about the domain's time-out.
	 * Uses the network; hold no transaction.
	 * @param domain the part of an address after the @
	 * @param progress hears each stage
	 * @return what was seen, whatever the servers did
	 * @throws CancellationException when the thread is interrupted
	 */
	public Report check(DomainName domain, Progress progress) {
		return check(domain, progress, SharedProbes.NONE);
	}

	/**
	 * The same, where what servers showed a short time ago counts.
	 */
	Report check(DomainName domain, Progress progress, SharedProbes shared) {
		long end = System.nanoTime() + this.settings.timeouts().domain().toNanos();
		Consumer<String> says = oneAtATime(progress);
		Instant started = this.clock.instant();
		says.accept("Looking up the mail servers of " + domain);
		Destination destination = destination(domain);
		List<HostReport> hosts = probe(destination.hosts(), domain, end, says, shared);
		return new Report(domain.ascii(), Report.RULES_VERSION, started, this.clock.instant(), destination.finding(),
				hosts, null, null, null, null);
	}

	@Override
	public void close() {
		this.timer.shutdownNow();
	}

	private static Consumer<String> oneAtATime(Progress progress) {
		Lock lock = new ReentrantLock();
		return (sentence) -> {
			lock.lock();
			try {
				progress.stage(sentence);
			}
			finally {
				lock.unlock();
			}
		};
	}

	private Destination destination(DomainName domain) {
		return switch (this.dns.mx(domain)) {
			case DnsAnswer.Found<MxHost> found -> destination(found);
			case DnsAnswer.NoAnswer<MxHost> noAnswer -> Destination.nowhere(MxOutcome.NO_ANSWER, null, noAnswer.why());
			case DnsAnswer.None<MxHost> none when none.absence() == Absence.NO_SUCH_NAME ->
				Destination.nowhere(MxOutcome.NO_SUCH_DOMAIN, none.server(), null);
			case DnsAnswer.None<MxHost> none -> implicit(domain);
		};
	}

	private static Destination destination(DnsAnswer.Found<MxHost> found) {
		List<MxHost> named = found.records().stream().filter((host) -> !host.isNull()).toList();
		MxOutcome outcome = named.isEmpty() ? MxOutcome.NULL_MX
				: (named.size() < found.records().size()) ? MxOutcome.NULL_MX_BESIDE_OTHERS : MxOutcome.FOUND;
		// A host may stand there twice; its first preference counts.
		List<MxHost> hosts = new ArrayList<>();
		for (MxHost host : named) {
			if (hosts.stream().noneMatch((other) -> other.host().equals(host.host()))) {
				hosts.add(host);
			}
		}
		List<MxHost> kept = hosts.subList(0, Math.min(MAX_HOSTS, hosts.size()));
		int leftOff = hosts.size() - kept.size() + found.leftOff();
		return new Destination(new MxFinding(outcome, safe(found.aliases()), leftOff, found.server(), null, null),
				kept);
	}

	private Destination implicit(DomainName domain) {
		return switch (this.dns.addresses(domain.ascii())) {
			case DnsAnswer.Found<InetAddress> found ->
				new Destination(new MxFinding(MxOutcome.IMPLICIT, safe(found.aliases()), 0, found.server(), null, null),
						List.of(new MxHost(0, domain.ascii())));
			case DnsAnswer.None<InetAddress> none -> Destination.nowhere(MxOutcome.NO_SERVER, none.server(), null);
			case DnsAnswer.NoAnswer<InetAddress> noAnswer ->
				Destination.nowhere(MxOutcome.NO_ANSWER, null, noAnswer.why());
		};
	}

	private List<HostReport> probe(List<MxHost> hosts, DomainName domain, long end, Consumer<String> says,
			SharedProbes shared) {
		try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
			List<Future<HostReport>> running = hosts.stream()
				.map((host) -> threads.submit(() -> probe(host, domain, end, says, shared)))
				.toList();
			List<HostReport> reports = new ArrayList<>();
			try {
				for (Future<HostReport> report : running) {
					reports.add(report.get());
				}
			}
			catch (InterruptedException ex) {
				threads.shutdownNow();
				Thread.currentThread().interrupt();
				throw new CancellationException("The check of " + domain + " was interrupted");
			}
			catch (ExecutionException ex) {
				threads.shutdownNow();
				throw new IllegalStateException("The check of " + domain + " broke", ex.getCause());
			}
			return reports;
		}
	}

	private HostReport probe(MxHost host, DomainName domain, long end, Consumer<String> says, SharedProbes shared)
			throws InterruptedException {
		if (!HOST_NAME.matcher(host.host()).matches() || NUMERIC.matcher(host.host()).matches()) {
			return unprobed(host, HostState.NOT_A_HOST_NAME, null);
		}
		if (LOCAL_NAME.matcher(host.host()).matches()) {
			return unprobed(host, HostState.LOCAL_NAME, null);
		}
		says.accept(host.host() + ": looking up its addresses");
		return switch (this.dns.addresses(host.host())) {
			case DnsAnswer.Found<InetAddress> found -> probe(host, found, domain, end, says, shared);
			case DnsAnswer.None<InetAddress> none -> unprobed(host, HostState.NO_ADDRESS, null);
			case DnsAnswer.NoAnswer<InetAddress> noAnswer -> unprobed(host, HostState.NO_ANSWER, noAnswer.why());
		};
	}

	private static HostReport unprobed(MxHost host, HostState state, @Nullable String why) {
		return new HostReport(Transcript.printable(host.host(), 260), host.preference(), state, List.of(), 0, why,
				List.of(), null, null);
	}

	private HostReport probe(MxHost host, DnsAnswer.Found<InetAddress> found, DomainName domain, long end,
			Consumer<String> says, SharedProbes shared) throws InterruptedException {
		List<InetAddress> chosen = choose(found.records());
		List<AddressReport> reports = new ArrayList<>();
		for (InetAddress address : chosen) {
			reports.add(probe(new AddressProbe.Target(host.host(), address, domain.ascii(), end), says, shared));
		}
		int leftOff = found.records().size() - chosen.size() + found.leftOff();
		return new HostReport(host.host(), host.preference(), HostState.RESOLVED, safe(found.aliases()), leftOff,
				found.gap(), reports, null, null);
	}

	/**
	 * Up to four addresses, so that IPv6 has its turn however many IPv4 ones there are.
	 */
	private static List<InetAddress> choose(List<InetAddress> all) {
		List<InetAddress> four = all.stream().filter((address) -> address.getAddress().length == 4).toList();
		List<InetAddress> six = all.stream().filter((address) -> address.getAddress().length != 4).toList();
		int sixes = Math.min(six.size(), Math.max(MAX_ADDRESSES / 2, MAX_ADDRESSES - four.size()));
		return Stream.concat(four.stream().limit(MAX_ADDRESSES - sixes), six.stream().limit(sixes)).toList();
	}

	private AddressReport probe(AddressProbe.Target target, Consumer<String> says, SharedProbes shared)
			throws InterruptedException {
		if (!this.guard.permits(target.address())) {
			return untouched(target, StageOutcome.NOT_ALLOWED, "this is no address of the public Internet");
		}
		Lock address = this.addresses.get(target.address());
		if (target.end() - System.nanoTime() <= 0
				|| !address.tryLock(target.end() - System.nanoTime(), TimeUnit.NANOSECONDS)) {
			return untouched(target, StageOutcome.NOT_TRIED, "there was no time left to try");
		}
		try {
			Optional<AddressReport> recent = shared.recent(target.host(), target.address());
			if (recent.isPresent()) {
				return recent.get().forDomain(target.domain());
			}
			if (!this.connections.tryAcquire(target.end() - System.nanoTime(), TimeUnit.NANOSECONDS)) {
				return untouched(target, StageOutcome.NOT_TRIED, "there was no time left to try");
			}
			try {
				AddressReport report = new AddressProbe(this.settings, this.judge, this.clock, this.timer, target, says)
					.run();
				shared.keep(target.host(), target.address(), report);
				return report;
			}
			finally {
				this.connections.release();
			}
		}
		finally {
			address.unlock();
		}
	}

	private AddressReport untouched(AddressProbe.Target target, StageOutcome outcome, String words) {
		return new AddressReport(target.address().getHostAddress(), this.clock.instant(),
				List.of(new StageReport(Stage.CONNECT, outcome, 0, words)), null, null, List.of(), "", null, null);
	}

	private static List<String> safe(List<String> names) {
		return names.stream().map((name) -> Transcript.printable(name, 260)).toList();
	}

	/**
	 * Where mail goes.
	 */
	private record Destination(MxFinding finding, List<MxHost> hosts) {

		static Destination nowhere(MxOutcome outcome, @Nullable String server, @Nullable String why) {
			return new Destination(new MxFinding(outcome, List.of(), 0, server, why, null), List.of());
		}

	}

}
