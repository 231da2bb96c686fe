package org.partnertls.dns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;
import org.partnertls.dns.DnsAnswer.Absence;
import org.partnertls.dns.DnsAnswer.Found;
import org.partnertls.dns.DnsAnswer.NoAnswer;
import org.partnertls.dns.DnsAnswer.None;
import org.partnertls.organization.DomainName;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.Section;
import org.xbill.DNS.TLSARecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Lookups in the DNS. Asks recursive servers by UDP and, for a truncated answer, by TCP;
 * reads neither the hosts file nor a cache of its own, so that what a person has just
 * published is seen as soon as the server lets it through. Nothing here throws for what
 * the DNS does; sizes and times are bounded because the answers come from strangers.
 */
@Component
public class Dns {

	private static final int MAX_ALIASES = 8;

	private static final int MAX_TEXTS = 50;

	private static final int MAX_TEXT_BYTES = 16 * 1024;

	private static final int MAX_MX = 50;

	private static final int MAX_ADDRESSES = 16;

	private static final int MAX_TLSA = 20;

	private static final int ROUNDS = 2;

	private static final Duration LEAST_TIMEOUT = Duration.ofMillis(500);

	/**
	 * Answers are read here: the common pool, dnsjava's own choice, may be busy waiting
	 * for them.
	 */
	private static final Executor ANSWERS = (task) -> Thread.ofVirtual().start(task);

	private final DnsProperties properties;

	private final Signatures signatures;

	/**
	 * Until when answers are waited for; null when each question has its own time only.
	 */
	private final @Nullable Long end;

	/**
	 * Asks whom the settings name.
	 * @throws IllegalArgumentException when the trust anchors cannot be read
	 */
	@Autowired
	public Dns(DnsProperties properties) {
		this(properties, new Signatures(properties), null);
	}

	private Dns(DnsProperties properties, Signatures signatures, @Nullable Long end) {
		this.properties = properties;
		this.signatures = signatures;
		this.end = end;
	}

	/**
	 * The same, but no question is waited for longer than until some moment.
	 * @param end on the scale of {@link System#nanoTime()}
	 */
	public Dns until(long end) {
		return new Dns(this.properties, this.signatures, end);
	}

	/**
	 * Who checks the signatures on the answers.
	 */
	public Validation validation() {
		return this.properties.validation();
	}

	/**
	 * The texts at a name.
	 * @param name any owner name, labels with an underscore included
	 * @return each record as one text, its strings joined (RFC 7208 section 3.3), at most
	 * 50 records and 16 KiB; bytes that are not UTF-8 are replaced
	 */
	public DnsAnswer<String> txt(String name) {
		return switch (ask(name, Type.TXT)) {
			case Lookup.Got got -> texts(got);
			case Lookup.Nothing nothing -> new None<>(nothing.absence(), nothing.server(), nothing.dnssec());
			case Lookup.Failed failed -> new NoAnswer<>(failed.why(), failed.failing(), failed.dnssec());
		};
	}

	/**
	 * The mail exchangers of a domain, by preference and then by name, at most 50.
	 * @param domain the part of an address after the @
	 */
	public DnsAnswer<MxHost> mx(DomainName domain) {
		return switch (ask(domain.ascii(), Type.MX)) {
			case Lookup.Got got ->
				found(got, got.records().stream().map(Dns::mxHost).distinct().sorted().toList(), MAX_MX);
			case Lookup.Nothing nothing -> new None<>(nothing.absence(), nothing.server(), nothing.dnssec());
			case Lookup.Failed failed -> new NoAnswer<>(failed.why(), failed.failing(), failed.dnssec());
		};
	}

	/**
	 * The addresses of a host, IPv4 before IPv6, at most 16 of each.
	 * @param host a host name
	 * @return {@link None} only when both families are sure to be absent; when one could
	 * not be asked, {@link Found#gap()} or {@link NoAnswer} says so
	 */
	public DnsAnswer<InetAddress> addresses(String host) {
		DnsAnswer<InetAddress> four = addresses(host, Type.A);
		if (four instanceof None<InetAddress> none && none.absence() == Absence.NO_SUCH_NAME) {
			return four;
		}
		return merge(four, addresses(host, Type.AAAA));
	}

	/**
	 * The TLSA records at a name, at most 20.
	 * @param name for example {@code _25._tcp.mx.acme.example}
	 */
	public DnsAnswer<TlsaRecord> tlsa(String name) {
		return switch (ask(name, Type.TLSA)) {
			case Lookup.Got got ->
				found(got, got.records().stream().map(Dns::tlsaRecord).distinct().toList(), MAX_TLSA);
			case Lookup.Nothing nothing -> new None<>(nothing.absence(), nothing.server(), nothing.dnssec());
			case Lookup.Failed failed -> new NoAnswer<>(failed.why(), failed.failing(), failed.dnssec());
		};
	}

	private static TlsaRecord tlsaRecord(Record found) {
		TLSARecord tlsa = (TLSARecord) found;
		return new TlsaRecord(tlsa.getCertificateUsage(), tlsa.getSelector(), tlsa.getMatchingType(),
				HexFormat.of().formatHex(tlsa.getCertificateAssociationData()));
	}

	private DnsAnswer<InetAddress> addresses(String host, int type) {
		return switch (ask(host, type)) {
			case Lookup.Got got -> found(got,
					got.records().stream().map((found) -> inetAddress(found, host)).distinct().toList(), MAX_ADDRESSES);
			case Lookup.Nothing nothing -> new None<>(nothing.absence(), nothing.server(), nothing.dnssec());
			case Lookup.Failed failed -> new NoAnswer<>(failed.why(), failed.failing(), failed.dnssec());
		};
	}

	private static DnsAnswer<InetAddress> merge(DnsAnswer<InetAddress> four, DnsAnswer<InetAddress> six) {
		if (four instanceof Found<InetAddress> first && six instanceof Found<InetAddress> second) {
			List<InetAddress> all = new ArrayList<>(first.records());
			all.addAll(second.records());
			return new Found<>(all, first.aliases(), first.leftOff() + second.leftOff(), null, first.server(),
					first.dnssec().and(second.dnssec()));
		}
		if (four instanceof Found<InetAddress> found) {
			return withGap(found, six);
		}
		if (six instanceof Found<InetAddress> found) {
			return withGap(found, four);
		}
		return (four instanceof NoAnswer) ? four : six;
	}

	private static DnsAnswer<InetAddress> withGap(Found<InetAddress> found, DnsAnswer<InetAddress> other) {
		String gap = (other instanceof NoAnswer<InetAddress> noAnswer) ? noAnswer.why() : null;
		return new Found<>(found.records(), found.aliases(), found.leftOff(), gap, found.server(), found.dnssec());
	}

	private static <T> DnsAnswer<T> found(Lookup.Got got, List<T> all, int most) {
		List<T> kept = all.subList(0, Math.min(most, all.size()));
		return new Found<>(kept, got.aliases(), all.size() - kept.size(), null, got.server(), got.dnssec());
	}

	private static MxHost mxHost(Record found) {
		MXRecord mx = (MXRecord) found;
		return new MxHost(mx.getPriority(), text(mx.getTarget()));
	}

	private static InetAddress inetAddress(Record found, String host) {
		InetAddress address = (found instanceof ARecord four) ? four.getAddress() : ((AAAARecord) found).getAddress();
		try {
			return InetAddress.getByAddress(host, address.getAddress());
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException("An address has 4 or 16 bytes", ex);
		}
	}

	private static DnsAnswer<String> texts(Lookup.Got got) {
		List<String> kept = new ArrayList<>();
		int bytes = 0;
		for (Record found : got.records()) {
			StringBuilder text = new StringBuilder();
			for (byte[] string : ((TXTRecord) found).getStringsAsByteArrays()) {
				bytes += string.length;
				text.append(new String(string, StandardCharsets.UTF_8));
			}
			if (kept.size() == MAX_TEXTS || bytes > MAX_TEXT_BYTES) {
				break;
			}
			kept.add(text.toString());
		}
		if (kept.isEmpty()) {
			return new NoAnswer<>("the text there is longer than we read", true, got.dnssec());
		}
		return new Found<>(kept, got.aliases(), got.records().size() - kept.size(), null, got.server(), got.dnssec());
	}

	private Lookup ask(String name, int type) {
		Name asked;
		try {
			asked = Name.fromString(name, Name.root);
		}
		catch (TextParseException ex) {
			return new Lookup.Failed("“" + name + "” is no name that the DNS can be asked for", true, Dnssec.UNKNOWN);
		}
		long own = System.nanoTime() + this.properties.timeout().multipliedBy(3).toNanos();
		long end = (this.end != null && this.end - own < 0) ? this.end : own;
		Dnssec dnssec = Dnssec.SECURE;
		Set<Name> aliases = new LinkedHashSet<>();
		Name current = asked;
		while (aliases.size() <= MAX_ALIASES) {
			Reply reply = askServers(current, type, end);
			if (reply.message() == null) {
				return new Lookup.Failed(reply.words(), !reply.silent(), reply.dnssec());
			}
			dnssec = dnssec.and(reply.dnssec());
			Name chainEnd = followAliases(reply.message(), current, aliases);
			List<Record> records = records(reply.message(), chainEnd, type);
			if (!records.isEmpty()) {
				return new Lookup.Got(records, aliases.stream().map(Dns::text).toList(), reply.words(), dnssec);
			}
			if (reply.message().getRcode() == Rcode.NXDOMAIN) {
				return new Lookup.Nothing(Absence.NO_SUCH_NAME, reply.words(), dnssec);
			}
			if (chainEnd.equals(current)) {
				return new Lookup.Nothing(Absence.NO_SUCH_RECORD, reply.words(), dnssec);
			}
			current = chainEnd;
		}
		return new Lookup.Failed("the name leads through more than " + MAX_ALIASES + " aliases (CNAME)", true,
				Dnssec.UNKNOWN);
	}

	/**
	 * Walks the CNAME records that came along with an answer and notes each name they
	 * lead to; a loop ends where it closes.
	 */
	private static Name followAliases(Message message, Name from, Set<Name> aliases) {
		Name current = from;
		while (aliases.size() <= MAX_ALIASES) {
			Name next = null;
			for (Record answer : message.getSection(Section.ANSWER)) {
				if (answer instanceof CNAMERecord alias && alias.getName().equals(current)) {
					next = alias.getTarget();
				}
			}
			if (next == null || !aliases.add(next)) {
				return current;
			}
			current = next;
		}
		return current;
	}

	private static List<Record> records(Message message, Name name, int type) {
		return message.getSection(Section.ANSWER)
			.stream()
			.filter((answer) -> answer.getType() == type && answer.getDClass() == DClass.IN
					&& answer.getName().equals(name))
			.toList();
	}

	private Reply askServers(Name name, int type, long end) {
		List<InetSocketAddress> servers = this.properties.servers().isEmpty()
				? ResolverConfig.getCurrentConfig().servers() : this.properties.addresses();
		Set<String> failures = new LinkedHashSet<>();
		Set<InetSocketAddress> silent = new LinkedHashSet<>(servers);
		boolean bogus = false;
		for (int round = 0; round < ROUNDS && !silent.isEmpty(); round++) {
			for (InetSocketAddress server : List.copyOf(silent)) {
				Duration left = Duration.ofNanos(end - System.nanoTime());
				if (left.isNegative() || left.isZero()) {
					break;
				}
				Reply reply = askServer(server, name, type, left, timeout(round));
				if (reply.message() != null) {
					return reply;
				}
				failures.add(reply.words());
				bogus |= reply.dnssec() == Dnssec.BOGUS;
				if (!reply.silent()) {
					silent.remove(server);
				}
			}
		}
		String words = failures.isEmpty()
				? servers.isEmpty() ? "no DNS server is known to us" : "there was no time left to ask the DNS"
				: String.join("; ", failures);
		return new Reply(null, words, !silent.isEmpty(), bogus ? Dnssec.BOGUS : Dnssec.UNKNOWN);
	}

	/**
	 * At first a third of the time: more often than not it is a packet that was lost, and
	 * a server that is still looking will have the answer when it is asked again.
	 */
	private Duration timeout(int round) {
		Duration whole = this.properties.timeout();
		Duration third = whole.dividedBy(3);
		Duration first = (third.compareTo(LEAST_TIMEOUT) > 0) ? third : LEAST_TIMEOUT;
		return (round == 0 && first.compareTo(whole) < 0) ? first : whole;
	}

	private Reply askServer(InetSocketAddress server, Name name, int type, Duration left, Duration most) {
		String label = label(server);
		InetSocketAddress resolved = server.isUnresolved()
				? new InetSocketAddress(server.getHostString(), server.getPort()) : server;
		if (resolved.isUnresolved()) {
			return Reply.none("the DNS server " + label + " is not known", false);
		}
		Duration timeout = (left.compareTo(most) < 0) ? left : most;
		try {
			Message message = send(this.signatures.resolver(resolved, timeout),
					this.signatures.question(Record.newRecord(name, type, DClass.IN)), timeout, left);
			int rcode = message.getRcode();
			if (rcode == Rcode.NOERROR || rcode == Rcode.NXDOMAIN) {
				return new Reply(message, label, false, this.signatures.status(message));
			}
			String words = "the DNS server " + label + " answered " + Rcode.string(rcode);
			return (rcode == Rcode.SERVFAIL && isAnsweredUnchecked(resolved, name, type, timeout, left))
					? new Reply(null, words + " because its signatures (DNSSEC) do not hold", false, Dnssec.BOGUS)
					: Reply.none(words, false);
		}
		catch (TimeoutException ex) {
			return Reply.none("the DNS server " + label + " did not answer in time", true);
		}
		catch (ExecutionException ex) {
			return failure(ex, label);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return Reply.none("the lookup was interrupted", false);
		}
	}

	/**
	 * Whether a server that fails would answer if nobody looked at the signatures.
	 */
	private boolean isAnsweredUnchecked(InetSocketAddress server, Name name, int type, Duration timeout, Duration left)
			throws InterruptedException {
		if (this.properties.validation() == Validation.NONE) {
			return false;
		}
		Message question = Message.newQuery(Record.newRecord(name, type, DClass.IN));
		question.getHeader().setFlag(Flags.CD);
		try {
			int rcode = send(Signatures.plain(server, timeout), question, timeout, left).getRcode();
			return rcode == Rcode.NOERROR || rcode == Rcode.NXDOMAIN;
		}
		catch (ExecutionException | TimeoutException ex) {
			return false;
		}
	}

	private Message send(Resolver resolver, Message question, Duration timeout, Duration left)
			throws InterruptedException, ExecutionException, TimeoutException {
		if (!this.signatures.underWay().tryAcquire(left.toNanos(), TimeUnit.NANOSECONDS)) {
			throw new TimeoutException("too many questions at once");
		}
		try {
			return sendAtOnce(resolver, question, timeout, left);
		}
		finally {
			this.signatures.underWay().release();
		}
	}

	private Message sendAtOnce(Resolver resolver, Message question, Duration timeout, Duration left)
			throws InterruptedException, ExecutionException, TimeoutException {
		// Longer than one exchange: a truncated answer is asked for again by TCP, and
		// keys
		// are fetched on the way.
		long most = Math.min(timeout.toMillis() * this.signatures.exchanges() + 100, Math.max(1, left.toMillis()));
		return resolver.sendAsync(question, ANSWERS).toCompletableFuture().get(most, TimeUnit.MILLISECONDS);
	}

	private static Reply failure(ExecutionException ex, String label) {
		Throwable cause = (ex.getCause() != null) ? ex.getCause() : ex;
		String words = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
		boolean silent = words.contains("timed out") || words.contains("timeout");
		return Reply.none(
				"the DNS server " + label + (silent ? " did not answer in time" : " gave no answer that can be read"),
				silent);
	}

	private static String label(InetSocketAddress server) {
		String host = server.isUnresolved() ? server.getHostString() : server.getAddress().getHostAddress();
		return (server.getPort() == 53) ? host : host + ":" + server.getPort();
	}

	private static String text(Name name) {
		return name.equals(Name.root) ? "." : name.toString(true).toLowerCase(Locale.ROOT);
	}

	/**
	 * What one or more servers said to a question, aliases followed.
	 */
	private sealed interface Lookup {

		record Got(List<Record> records, List<String> aliases, String server, Dnssec dnssec) implements Lookup {

		}

		record Nothing(Absence absence, String server, Dnssec dnssec) implements Lookup {

		}

		record Failed(String why, boolean failing, Dnssec dnssec) implements Lookup {

		}

	}

	/**
	 * One server's answer.
	 *
	 * @param message the answer, or nothing
	 * @param words the server's label with an answer, else what went wrong
	 * @param silent whether asking again may help
	 * @param dnssec what is known of its signatures
	 */
	private record Reply(@Nullable Message message, String words, boolean silent, Dnssec dnssec) {

		static Reply none(String words, boolean silent) {
			return new Reply(null, words, silent, Dnssec.UNKNOWN);
		}

	}

}
