package org.partnertls.tlscheck;

import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.util.concurrent.Striped;
import org.jspecify.annotations.Nullable;
import org.partnertls.dns.Dns;
import org.partnertls.dns.DnsAnswer;
import org.partnertls.dns.Dnssec;
import org.partnertls.dns.MxHost;
import org.partnertls.dns.TlsaRecord;
import org.partnertls.dns.Validation;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.tlscheck.ClearTextReport.HostClearText;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.ChainFacts;
import org.partnertls.tlscheck.Report.DaneFacts;
import org.partnertls.tlscheck.Report.Depth;
import org.partnertls.tlscheck.Report.FurtherFacts;
import org.partnertls.tlscheck.Report.HostReport;
import org.partnertls.tlscheck.Report.HostState;
import org.partnertls.tlscheck.Report.MtaStsFacts;
import org.partnertls.tlscheck.Report.Stage;
import org.partnertls.tlscheck.Report.StageOutcome;
import org.partnertls.tlscheck.Report.StageReport;
import org.partnertls.tlscheck.Report.TlsReportingFacts;
import org.partnertls.tlscheck.Report.TlsaFacts;
import org.partnertls.tlscheck.Report.TlsaOutcome;
import org.partnertls.tlscheck.Report.Trust;

/**
 * Checks how a domain's mail servers do TLS: looks up where mail goes (RFC 5321 section
 * 5.1), then talks to every server at every address, up to ten hosts with four addresses
 * each. Hosts are talked to side by side, the addresses of a host one after another, and
 * no address by two checks at once. Names are resolved once and the connection goes to
 * the address that was judged, so a name cannot change its mind in between. What the
 * domain publishes (DNSSEC, DANE, MTA-STS, TLS reporting) is looked up beside.
 */
public final class Prober implements AutoCloseable {

	private static final int MAX_ADDRESSES = 4;

	private static final Duration SHARED_AT_MOST = Duration.ofHours(1);

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

	/**
	 * What was seen at an address lately, for the next domain that has the same server.
	 */
	private final Cache<Place, Shared> shared = CacheBuilder.newBuilder()
		.maximumSize(2_000)
		.expireAfterWrite(SHARED_AT_MOST)
		.build();

	/**
	 * When each address was last connected to, on the scale of {@link System#nanoTime()}.
	 */
	private final Cache<InetAddress, Long> lastTouched = CacheBuilder.newBuilder()
		.maximumSize(100_000)
		.expireAfterWrite(Duration.ofMinutes(2))
		.build();

	private final MtaSts mtaSts;

	private final RevocationCheck revocation;

	/**
	 * So many that no two addresses share one: whoever did would wait for a tarpit that
	 * is not theirs.
	 */
	private final Striped<Lock> addresses = Striped.lazyWeakLock(1 << 30);

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
		GuardedClient client = new GuardedClient(this.guard, this.judge, this.timer, clock, settings.policyPort());
		this.mtaSts = new MtaSts(client, clock);
		this.revocation = new RevocationCheck(client, clock);
	}

	/**
	 * Checks a domain anew, as {@link #check(DomainName, Ask, Progress)}.
	 */
	public Report check(DomainName domain, Progress progress) {
		return check(domain, Ask.anew(), progress);
	}

	/**
	 * Checks a domain, which takes some seconds and at most about the domain's time-out.
	 * Uses the network; hold no transaction.
	 * @param domain the part of an address after the @
	 * @param ask how deep, and what may be taken from before
	 * @param progress hears each stage
	 * @return what was seen, whatever the servers did
	 * @throws CancellationException when the thread is interrupted
	 */
	public Report check(DomainName domain, Ask ask, Progress progress) {
		long end = System.nanoTime() + this.settings.timeouts().domain().toNanos();
		Consumer<String> says = oneAtATime(progress);
		Instant started = this.clock.instant();
		says.accept("Looking up the mail servers of " + domain);
		Check check = new Check(domain.ascii(), ask, this.dns.until(end), end, says);
		return inParallel(domain, (threads) -> {
			Future<MtaStsFacts> policy = threads
				.submit(() -> this.mtaSts.policy(check.domain(), check.dns(), ask.policyBefore(), end));
			Future<TlsReportingFacts> reporting = threads.submit(() -> MtaSts.reporting(check.domain(), check.dns()));
			Destination destination = Destination.of(domain, check.dns());
			List<Future<HostReport>> running = destination.hosts()
				.stream()
				.map((host) -> threads.submit(() -> probe(host, check)))
				.toList();
			List<HostReport> hosts = new ArrayList<>();
			for (Future<HostReport> report : running) {
				hosts.add(report.get());
			}
			return new Report(domain.ascii(), Report.RULES_VERSION, started, this.clock.instant(),
					destination.finding(), hosts, this.dns.validation(), ask.depth(), policy.get(), reporting.get());
		});
	}

	/**
	 * Tries whether the servers of a domain refuse clear text: names the sender and the
	 * recipient to each of them with TLS and without, and never sends a message. It looks
	 * like the beginning of a delivery, so only a person may ask for it. Uses the
	 * network; hold no transaction.
	 * @param sender an address of ours
	 * @param recipient an address in the domain that exists
	 */
	public ClearTextReport refusesClearText(EmailAddress sender, EmailAddress recipient, Progress progress) {
		DomainName domain = recipient.domain();
		long end = System.nanoTime() + this.settings.timeouts().domain().toNanos();
		Consumer<String> says = oneAtATime(progress);
		Instant started = this.clock.instant();
		Dns lookups = this.dns.until(end);
		return inParallel(domain, (threads) -> {
			List<Future<List<HostClearText>>> running = Destination.of(domain, lookups)
				.hosts()
				.stream()
				.filter((host) -> isHostName(host.host()) && !LOCAL_NAME.matcher(host.host()).matches())
				.map((host) -> threads.submit(() -> clearText(host.host(), sender, recipient, lookups, end, says)))
				.toList();
			List<HostClearText> hosts = new ArrayList<>();
			for (Future<List<HostClearText>> host : running) {
				hosts.addAll(host.get());
			}
			return new ClearTextReport(domain.ascii(), started, this.clock.instant(), hosts);
		});
	}

	private List<HostClearText> clearText(String host, EmailAddress sender, EmailAddress recipient, Dns lookups,
			long end, Consumer<String> says) throws InterruptedException {
		List<HostClearText> results = new ArrayList<>();
		if (lookups.addresses(host) instanceof DnsAnswer.Found<InetAddress> found) {
			for (InetAddress address : choose(found.records())) {
				if (this.guard.permits(address)) {
					HostClearText result = alone(address, end,
							() -> new ClearTextProbe(this.settings,
									() -> new Conversation(this.settings, this.timer, host, address, end, says), host,
									address, sender.toString(), recipient.toString())
								.run());
					results.add((result != null) ? result : new HostClearText(host, address.getHostAddress(),
							ClearTextReport.ClearText.NOT_CLEAR, "there was no time left to try", ""));
				}
			}
		}
		return results;
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

	/**
	 * Does work on threads that end with it.
	 */
	private static <T> T inParallel(DomainName domain, Work<T> work) {
		try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
			try {
				return work.on(threads);
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
		}
	}

	/**
	 * Whether it is a name that a host may have, no address.
	 */
	static boolean isHostName(String name) {
		return HOST_NAME.matcher(name).matches() && !NUMERIC.matcher(name).matches();
	}

	private HostReport probe(MxHost host, Check check) throws InterruptedException {
		if (!isHostName(host.host())) {
			return unprobed(host, HostState.NOT_A_HOST_NAME, null, null);
		}
		if (LOCAL_NAME.matcher(host.host()).matches()) {
			return unprobed(host, HostState.LOCAL_NAME, null, null);
		}
		check.says().accept(host.host() + ": looking up its addresses");
		return switch (check.dns().addresses(host.host())) {
			case DnsAnswer.Found<InetAddress> found -> probe(host, found, check);
			case DnsAnswer.None<InetAddress> none -> unprobed(host, HostState.NO_ADDRESS, null, none.dnssec());
			case DnsAnswer.NoAnswer<InetAddress> noAnswer ->
				unprobed(host, HostState.NO_ANSWER, noAnswer.why(), noAnswer.dnssec());
		};
	}

	private static HostReport unprobed(MxHost host, HostState state, @Nullable String why, @Nullable Dnssec dnssec) {
		return new HostReport(Transcript.printable(host.host(), 260), host.preference(), state, List.of(), 0, why,
				List.of(), dnssec, null);
	}

	private HostReport probe(MxHost host, DnsAnswer.Found<InetAddress> found, Check check) throws InterruptedException {
		Tlsa tlsa = tlsa(host.host(), found, check.dns());
		List<InetAddress> chosen = choose(found.records());
		List<AddressReport> reports = new ArrayList<>();
		for (InetAddress address : chosen) {
			reports.add(probe(new Place(host.host(), tlsa.base(), address, check.ask().depth()), tlsa, check));
		}
		int leftOff = found.records().size() - chosen.size() + found.leftOff();
		return new HostReport(host.host(), host.preference(), HostState.RESOLVED, Transcript.printable(found.aliases()),
				leftOff, found.gap(), reports, found.dnssec(), tlsa.facts());
	}

	/**
	 * The TLSA records of a host: at the end of its aliases first, then at its own name
	 * (RFC 7672 section 2.2.2). Only below signed addresses is asked.
	 */
	private Tlsa tlsa(String host, DnsAnswer.Found<InetAddress> addresses, Dns lookups) {
		if (this.dns.validation() == Validation.NONE) {
			return new Tlsa(host, null, List.of());
		}
		if (addresses.dnssec() != Dnssec.SECURE) {
			return Tlsa.without(host, TlsaOutcome.NOT_SIGNED, addresses.dnssec(), null);
		}
		List<String> bases = addresses.aliases().isEmpty() ? List.of(host)
				: List.of(addresses.aliases().getLast(), host);
		for (String base : bases) {
			switch (lookups.tlsa("_25._tcp." + base)) {
				case DnsAnswer.Found<TlsaRecord> found when found.dnssec() == Dnssec.SECURE -> {
					return new Tlsa(isHostName(base) ? base : host,
							new TlsaFacts(Transcript.printable(base, 260), TlsaOutcome.FOUND,
									found.records().stream().map(DaneJudge::fact).toList(), found.leftOff(),
									found.dnssec(), null),
							found.records());
				}
				case DnsAnswer.NoAnswer<TlsaRecord> noAnswer -> {
					return Tlsa.without(host, noAnswer.failing() ? TlsaOutcome.FAILED : TlsaOutcome.NO_ANSWER,
							noAnswer.dnssec(), noAnswer.why());
				}
				case DnsAnswer.Found<TlsaRecord> unsigned -> {
					// Records that are not signed mean nothing.
				}
				case DnsAnswer.None<TlsaRecord> none -> {
					// The next name may have some.
				}
			}
		}
		return Tlsa.without(host, TlsaOutcome.NONE, addresses.dnssec(), null);
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

	private AddressReport probe(Place place, Tlsa tlsa, Check check) throws InterruptedException {
		if (!this.guard.permits(place.address())) {
			return untouched(place, StageOutcome.NOT_ALLOWED, "this is no address of the public Internet");
		}
		Shared earlier = earlier(place, check.ask());
		if (earlier == null) {
			earlier = alone(place.address(), check.end(), () -> {
				// Another check may have been here while this one waited for its turn.
				Shared meanwhile = earlier(place, check.ask());
				return (meanwhile != null) ? meanwhile : look(place, tlsa, check);
			});
		}
		return (earlier == null) ? untouched(place, StageOutcome.NOT_TRIED, "there was no time left to try")
				: earlier.report(place.host(), check.domain());
	}

	private @Nullable Shared earlier(Place place, Ask ask) {
		AddressReport resting = ask.rests().resting(place.host(), place.address());
		if (resting != null) {
			return Shared.of(resting, List.of());
		}
		Shared found = this.shared.getIfPresent(place);
		return (found != null && !ask.oldest().isZero()
				&& !found.report().started().isBefore(this.clock.instant().minus(ask.oldest()))) ? found : null;
	}

	/**
	 * Does something with an address that nobody else is connected to meanwhile.
	 * @return nothing when the time ran out before
	 */
	private <T> @Nullable T alone(InetAddress address, long end, Turn<T> turn) throws InterruptedException {
		Lock lock = this.addresses.get(address);
		if (end - System.nanoTime() <= 0 || !lock.tryLock(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
			return null;
		}
		try {
			if (!pause(address, end) || !this.connections.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
				return null;
			}
			try {
				return turn.take();
			}
			finally {
				this.lastTouched.put(address, System.nanoTime());
				this.connections.release();
			}
		}
		finally {
			lock.unlock();
		}
	}

	/**
	 * Waits until an address may be connected to again.
	 * @return whether there is time left
	 */
	private boolean pause(InetAddress address, long end) throws InterruptedException {
		Long last = this.lastTouched.getIfPresent(address);
		long wait = (last != null) ? last + this.settings.pause().toNanos() - System.nanoTime() : 0;
		if (wait > 0) {
			TimeUnit.NANOSECONDS.sleep(Math.min(wait, Math.max(0, end - System.nanoTime())));
		}
		return end - System.nanoTime() > 0;
	}

	private Shared look(Place place, Tlsa tlsa, Check check) throws InterruptedException {
		AddressProbe probe = new AddressProbe(this.settings, this.judge, this.clock, this.timer,
				new AddressProbe.Target(place.host(), place.serverName(), place.address(), check.domain(), check.end()),
				check.says());
		AddressReport report = probe.run();
		if (report.tls() != null && place.depth() == Depth.WEEKLY) {
			report = with(report, report.dane(), probe.further(() -> {
				this.lastTouched.put(place.address(), System.nanoTime());
				return pause(place.address(), check.end());
			}));
		}
		Shared seen = Shared.of(revoked(with(report, dane(probe, tlsa, check, report), report.further()), probe, check),
				probe.sent());
		this.shared.put(place, seen);
		check.ask().rests().seen(place.host(), place.address(), report);
		return seen;
	}

	private static @Nullable DaneFacts dane(AddressProbe probe, Tlsa tlsa, Check check, AddressReport report) {
		if (tlsa.records().isEmpty() || probe.sent().isEmpty() || report.tls() == null) {
			return null;
		}
		return new DaneJudge(tlsa.records(), List.of(tlsa.base(), check.domain())).judge(probe.sent(),
				report.started());
	}

	private AddressReport revoked(AddressReport report, AddressProbe probe, Check check) {
		ChainFacts chain = report.chain();
		if (chain == null || chain.trust() != Trust.TRUSTED || report.tls() == null) {
			return report;
		}
		X509Certificate issuer = this.judge.issuer(probe.sent(), report.started());
		if (issuer == null) {
			return report;
		}
		ChainFacts asked = new ChainFacts(chain.certificates(), chain.trust(), chain.trustWords(), chain.anchor(),
				chain.validFrom(), chain.validUntil(), chain.name(),
				this.revocation.check(probe.sent().getFirst(), issuer, probe.stapled(), check.dns(), check.end()));
		return new AddressReport(report.address(), report.started(), report.stages(), report.tls(), asked,
				report.keywords(), report.transcript(), report.dane(), report.further());
	}

	private static AddressReport with(AddressReport report, @Nullable DaneFacts dane, @Nullable FurtherFacts further) {
		return new AddressReport(report.address(), report.started(), report.stages(), report.tls(), report.chain(),
				report.keywords(), report.transcript(), dane, further);
	}

	private AddressReport untouched(Place place, StageOutcome outcome, String words) {
		return new AddressReport(place.address().getHostAddress(), this.clock.instant(),
				List.of(new StageReport(Stage.CONNECT, outcome, 0, words)), null, null, List.of(), "", null, null);
	}

	/**
	 * How to check.
	 *
	 * @param depth how much of each server is looked at
	 * @param oldest how old a result may be that was seen at the same server for another
	 * domain, at most an hour; zero for none
	 * @param policyBefore what the last report said of the domain's MTA-STS policy
	 * @param rests which servers are not to be asked yet
	 */
	public record Ask(Depth depth, Duration oldest, @Nullable MtaStsFacts policyBefore, Rests rests) {

		public Ask(Depth depth, Duration oldest, @Nullable MtaStsFacts policyBefore) {
			this(depth, oldest, policyBefore, Rests.NONE);
		}

		/** Everything anew, as a person expects who has just mended something. */
		public static Ask anew() {
			return new Ask(Depth.DAILY, Duration.ZERO, null);
		}

	}

	/**
	 * Work on several threads.
	 */
	private interface Work<T> {

		T on(ExecutorService threads) throws InterruptedException, ExecutionException;

	}

	/**
	 * What is done while nobody else is connected to an address.
	 */
	private interface Turn<T> {

		T take() throws InterruptedException;

	}

	/**
	 * A check under way.
	 */
	private record Check(String domain, Ask ask, Dns dns, long end, Consumer<String> says) {

	}

	/**
	 * What is looked at, and how.
	 */
	private record Place(String host, String serverName, InetAddress address, Depth depth) {

	}

	/**
	 * What is known of a host's TLSA records.
	 *
	 * @param base the name to show and to be shown a certificate for
	 * @param facts for the report; nothing when nobody checks signatures
	 * @param records whole
	 */
	private record Tlsa(String base, @Nullable TlsaFacts facts, List<TlsaRecord> records) {

		static Tlsa without(String host, TlsaOutcome outcome, Dnssec dnssec, @Nullable String why) {
			return new Tlsa(host, new TlsaFacts(host, outcome, List.of(), 0, dnssec, why), List.of());
		}

	}

	/**
	 * What was seen at an address, for whichever domain.
	 */
	private record Shared(AddressReport report, List<String> names, @Nullable String commonName) {

		/** Chains are not kept: thousands of them would fill the memory. */
		static Shared of(AddressReport report, List<X509Certificate> chain) {
			return chain.isEmpty() ? new Shared(report, List.of(), null) : new Shared(report,
					CertificateNames.dnsNames(chain.getFirst()), CertificateNames.commonName(chain.getFirst()));
		}

		/**
		 * The report for one domain: which name of the certificate fits depends on it.
		 */
		AddressReport report(String host, String domain) {
			ChainFacts chain = this.report.chain();
			if (chain == null) {
				return this.report;
			}
			ChainFacts named = new ChainFacts(chain.certificates(), chain.trust(), chain.trustWords(), chain.anchor(),
					chain.validFrom(), chain.validUntil(),
					ChainJudge.nameFit(this.names, this.commonName, host, domain), chain.revocation());
			return new AddressReport(this.report.address(), this.report.started(), this.report.stages(),
					this.report.tls(), named, this.report.keywords(), this.report.transcript(), this.report.dane(),
					this.report.further());
		}

	}

}
