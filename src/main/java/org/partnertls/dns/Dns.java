package org.partnertls.dns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
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
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

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

	private static final int ROUNDS = 2;

	/**
	 * Answers are read here: the common pool, dnsjava's own choice, may be busy waiting
	 * for them.
	 */
	private static final Executor ANSWERS = (task) -> Thread.ofVirtual().start(task);

	private final DnsProperties properties;

	public Dns(DnsProperties properties) {
		this.properties = properties;
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
			case Lookup.Nothing nothing -> new None<>(nothing.absence(), nothing.server());
			case Lookup.Failed failed -> new NoAnswer<>(failed.why());
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
			case Lookup.Nothing nothing -> new None<>(nothing.absence(), nothing.server());
			case Lookup.Failed failed -> new NoAnswer<>(failed.why());
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

	private DnsAnswer<InetAddress> addresses(String host, int type) {
		return switch (ask(host, type)) {
			case Lookup.Got got -> found(got,
					got.records().stream().map((found) -> inetAddress(found, host)).distinct().toList(), MAX_ADDRESSES);
			case Lookup.Nothing nothing -> new None<>(nothing.absence(), nothing.server());
			case Lookup.Failed failed -> new NoAnswer<>(failed.why());
		};
	}

	private static DnsAnswer<InetAddress> merge(DnsAnswer<InetAddress> four, DnsAnswer<InetAddress> six) {
		if (four instanceof Found<InetAddress> first && six instanceof Found<InetAddress> second) {
			List<InetAddress> all = new ArrayList<>(first.records());
			all.addAll(second.records());
			return new Found<>(all, first.aliases(), first.leftOff() + second.leftOff(), null, first.server());
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
		return new Found<>(found.records(), found.aliases(), found.leftOff(), gap, found.server());
	}

	private static <T> DnsAnswer<T> found(Lookup.Got got, List<T> all, int most) {
		List<T> kept = all.subList(0, Math.min(most, all.size()));
		return new Found<>(kept, got.aliases(), all.size() - kept.size(), null, got.server());
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
			return new NoAnswer<>("the text there is longer than we read");
		}
		return new Found<>(kept, got.aliases(), got.records().size() - kept.size(), null, got.server());
	}

	private Lookup ask(String name, int type) {
		Name asked;
		try {
			asked = Name.fromString(name, Name.root);
		}
		catch (TextParseException ex) {
			return new Lookup.Failed("“" + name + "” is no name that the DNS can be asked for");
		}
		long end = System.nanoTime() + this.properties.timeout().multipliedBy(3).toNanos();
		Set<Name> aliases = new LinkedHashSet<>();
		Name current = asked;
		while (aliases.size() <= MAX_ALIASES) {
			Reply reply = askServers(current, type, end);
			if (reply.message() == null) {
				return new Lookup.Failed(reply.words());
			}
			Name chainEnd = followAliases(reply.message(), current, aliases);
			List<Record> records = records(reply.message(), chainEnd, type);
			if (!records.isEmpty()) {
				return new Lookup.Got(records, aliases.stream().map(Dns::text).toList(), reply.words());
			}
			if (reply.message().getRcode() == Rcode.NXDOMAIN) {
				return new Lookup.Nothing(Absence.NO_SUCH_NAME, reply.words());
			}
			if (chainEnd.equals(current)) {
				return new Lookup.Nothing(Absence.NO_SUCH_RECORD, reply.words());
			}
			current = chainEnd;
		}
		return new Lookup.Failed("the name leads through more than " + MAX_ALIASES + " aliases (CNAME)");
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
		for (int round = 0; round < ROUNDS && !silent.isEmpty(); round++) {
			for (InetSocketAddress server : List.copyOf(silent)) {
				Duration left = Duration.ofNanos(end - System.nanoTime());
				if (left.isNegative() || left.isZero()) {
					break;
				}
				Reply reply = askServer(server, name, type, left);
				if (reply.message() != null) {
					return reply;
				}
				failures.add(reply.words());
				if (!reply.silent()) {
					silent.remove(server);
				}
			}
		}
		return new Reply(null, failures.isEmpty() ? "no DNS server is known to us" : String.join("; ", failures),
				false);
	}

	private Reply askServer(InetSocketAddress server, Name name, int type, Duration left) {
		String label = label(server);
		InetSocketAddress resolved = server.isUnresolved()
				? new InetSocketAddress(server.getHostString(), server.getPort()) : server;
		if (resolved.isUnresolved()) {
			return new Reply(null, "the DNS server " + label + " is not known", false);
		}
		SimpleResolver resolver = new SimpleResolver(resolved);
		Duration timeout = (left.compareTo(this.properties.timeout()) < 0) ? left : this.properties.timeout();
		resolver.setTimeout(timeout);
		try {
			// Twice the time: a truncated answer is asked for again by TCP.
			Message message = resolver.sendAsync(Message.newQuery(Record.newRecord(name, type, DClass.IN)), ANSWERS)
				.toCompletableFuture()
				.get(timeout.toMillis() * 2 + 100, TimeUnit.MILLISECONDS);
			int rcode = message.getRcode();
			return (rcode == Rcode.NOERROR || rcode == Rcode.NXDOMAIN) ? new Reply(message, label, false)
					: new Reply(null, "the DNS server " + label + " answered " + Rcode.string(rcode), false);
		}
		catch (TimeoutException ex) {
			return new Reply(null, "the DNS server " + label + " did not answer in time", true);
		}
		catch (ExecutionException ex) {
			return failure(ex, label);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return new Reply(null, "the lookup was interrupted", false);
		}
	}

	private static Reply failure(ExecutionException ex, String label) {
		Throwable cause = (ex.getCause() != null) ? ex.getCause() : ex;
		String words = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
		boolean silent = words.contains("timed out") || words.contains("timeout");
		return new Reply(null,
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

		record Got(List<Record> records, List<String> aliases, String server) implements Lookup {

		}

		record Nothing(Absence absence, String server) implements Lookup {

		}

		record Failed(String why) implements Lookup {

		}

	}

	/**
	 * One server's answer.
	 *
	 * @param message the answer, or nothing
	 * @param words the server's label with an answer, else what went wrong
	 * @param silent whether asking again may help
	 */
	private record Reply(@Nullable Message message, String words, boolean silent) {

	}

}
