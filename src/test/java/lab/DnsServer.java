package lab;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedFlags;
import org.xbill.DNS.Flags;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TLSARecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * A DNS server over UDP and TCP with a zone in memory that can be changed while it runs.
 * It answers as a recursive server would, aliases followed; what it does not hold does
 * not exist.
 */
public final class DnsServer implements AutoCloseable {

	private static final long TTL = 5;

	private static final int PLAIN_UDP = 512;

	private static final int MAX_TEXT = 255;

	private final Map<Name, List<Record>> zone = new ConcurrentHashMap<>();

	/** How many names that are held stand below a name. */
	private final Map<Name, Integer> below = new ConcurrentHashMap<>();

	private final Map<Name, Mood> moods = new ConcurrentHashMap<>();

	private final Map<Name, AtomicInteger> asked = new ConcurrentHashMap<>();

	private final Set<Name> secure = ConcurrentHashMap.newKeySet();

	private final Map<Name, SignedZone> signed = new ConcurrentHashMap<>();

	private final AtomicInteger loops = new AtomicInteger();

	private final AtomicInteger askedByTcp = new AtomicInteger();

	private final DatagramSocket udp;

	private final ServerSocket tcp;

	/**
	 * Starts on 127.0.0.1.
	 * @param port 0 for any that is free
	 */
	public DnsServer(int port) {
		try {
			DatagramSocket datagrams = null;
			ServerSocket connections = null;
			for (int attempt = 0; connections == null; attempt++) {
				datagrams = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
				try {
					connections = new ServerSocket(datagrams.getLocalPort(), 50, InetAddress.ofLiteral("127.0.0.1"));
				}
				catch (BindException ex) {
					datagrams.close();
					if (port != 0 || attempt == 20) {
						throw ex;
					}
				}
			}
			this.udp = datagrams;
			this.tcp = connections;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		Thread.ofPlatform().daemon().name("lab-dns-udp").start(this::serveUdp);
		Thread.ofPlatform().daemon().name("lab-dns-tcp").start(this::serveTcp);
	}

	/**
	 * Its address as {@code portal.dns.servers} wants it.
	 */
	public String address() {
		return "127.0.0.1:" + this.udp.getLocalPort();
	}

	public DnsServer putTxt(String name, String... texts) {
		for (String text : texts) {
			List<String> strings = new ArrayList<>();
			for (int from = 0; from < Math.max(1, text.length()); from += MAX_TEXT) {
				strings.add(text.substring(from, Math.min(text.length(), from + MAX_TEXT)));
			}
			add(new TXTRecord(name(name), DClass.IN, TTL, strings));
		}
		return this;
	}

	public DnsServer putMx(String domain, int preference, String host) {
		return add(new MXRecord(name(domain), DClass.IN, TTL, preference, name(host)));
	}

	/**
	 * Adds an address, IPv4 or IPv6 by its form.
	 */
	public DnsServer putAddress(String host, String address) {
		InetAddress literal = InetAddress.ofLiteral(address);
		return add((literal.getAddress().length == 4) ? new ARecord(name(host), DClass.IN, TTL, literal)
				: new AAAARecord(name(host), DClass.IN, TTL, literal));
	}

	public DnsServer putAlias(String alias, String target) {
		return add(new CNAMERecord(name(alias), DClass.IN, TTL, name(target)));
	}

	public DnsServer putTlsa(String host, int usage, int selector, int matching, String hexData) {
		return add(new TLSARecord(name("_25._tcp." + host), DClass.IN, TTL, usage, selector, matching,
				HexFormat.of().parseHex(hexData)));
	}

	/**
	 * Answers about a domain and everything below it as a resolver that found them signed
	 * (the AD bit).
	 */
	public DnsServer secure(String domain) {
		return secure(domain, true);
	}

	DnsServer secure(String domain, boolean signed) {
		if (signed) {
			this.secure.add(name(domain));
		}
		else {
			this.secure.remove(name(domain));
		}
		return this;
	}

	/**
	 * Signs a domain and everything below it, for those who look at signatures
	 * themselves.
	 * @return its key, as a line of a file of trust anchors
	 */
	public String sign(String domain) {
		SignedZone zone = new SignedZone(name(domain));
		this.signed.put(zone.apex(), zone);
		return zone.key().toString();
	}

	/**
	 * Adds any record.
	 */
	public DnsServer add(Record added) {
		this.zone.computeIfAbsent(added.getName(), (name) -> {
			countAbove(name, 1);
			return new CopyOnWriteArrayList<>();
		}).add(added);
		return this;
	}

	/**
	 * Removes one text.
	 */
	public DnsServer removeTxt(String name, String text) {
		this.zone.getOrDefault(name(name), List.of())
			.removeIf((found) -> found instanceof TXTRecord txt && String.join("", txt.getStrings()).equals(text));
		return this;
	}

	/**
	 * Removes all records of a type.
	 * @param type for example {@link Type#MX}
	 */
	public DnsServer remove(String name, int type) {
		this.zone.computeIfPresent(name(name), (key, records) -> {
			records.removeIf((found) -> found.getType() == type);
			if (records.isEmpty()) {
				countAbove(key, -1);
				return null;
			}
			return records;
		});
		return this;
	}

	/**
	 * Removes everything at a name.
	 */
	public DnsServer remove(String name) {
		if (this.zone.remove(name(name)) != null) {
			countAbove(name(name), -1);
		}
		return this;
	}

	/**
	 * How questions about a name are answered from now on.
	 */
	public DnsServer mood(String name, Mood mood) {
		this.moods.put(name(name), mood);
		return this;
	}

	/**
	 * The texts at a name.
	 */
	public List<String> texts(String name) {
		return this.zone.getOrDefault(name(name), List.of())
			.stream()
			.filter(TXTRecord.class::isInstance)
			.map((found) -> String.join("", ((TXTRecord) found).getStrings()))
			.toList();
	}

	/**
	 * Everything that the zone holds, one line a record.
	 */
	public List<String> lines() {
		return this.zone.values().stream().flatMap(List::stream).map(Record::toString).sorted().toList();
	}

	/**
	 * How often a name was asked for.
	 */
	public int asked(String name) {
		return this.asked.getOrDefault(name(name), new AtomicInteger()).get();
	}

	/**
	 * How many questions came by TCP.
	 */
	public int askedByTcp() {
		return this.askedByTcp.get();
	}

	@Override
	public void close() {
		this.udp.close();
		try {
			this.tcp.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void serveUdp() {
		byte[] buffer = new byte[4096];
		while (!this.udp.isClosed()) {
			DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
			try {
				this.udp.receive(packet);
				byte[] query = Arrays.copyOf(packet.getData(), packet.getLength());
				SocketAddress from = packet.getSocketAddress();
				Thread.ofVirtual().start(() -> answerByUdp(query, from));
			}
			catch (IOException ex) {
				// Closed.
			}
		}
	}

	private void answerByUdp(byte[] bytes, SocketAddress from) {
		try {
			Message query = new Message(bytes);
			Message answer = answer(query);
			if (answer != null) {
				OPTRecord edns = query.getOPT();
				int size = (edns != null) ? Math.max(PLAIN_UDP, edns.getPayloadSize()) : PLAIN_UDP;
				byte[] wire = answer.toWire(size);
				this.udp.send(new DatagramPacket(wire, wire.length, from));
			}
		}
		catch (IOException ex) {
			// Closed, or a question that cannot be read.
			return;
		}
	}

	private void serveTcp() {
		while (!this.tcp.isClosed()) {
			try {
				Socket socket = this.tcp.accept();
				Thread.ofVirtual().start(() -> serve(socket));
			}
			catch (IOException ex) {
				// Closed, or the client was gone before it was served.
			}
		}
	}

	private void serve(Socket socket) {
		try (socket) {
			DataInputStream in = new DataInputStream(socket.getInputStream());
			DataOutputStream out = new DataOutputStream(socket.getOutputStream());
			while (true) {
				byte[] query = in.readNBytes(in.readUnsignedShort());
				this.askedByTcp.incrementAndGet();
				Message answer = answer(new Message(query));
				if (answer != null) {
					byte[] wire = answer.toWire(Message.MAXLENGTH);
					out.writeShort(wire.length);
					out.write(wire);
					out.flush();
				}
			}
		}
		catch (IOException ex) {
			// The other side is done.
			return;
		}
	}

	private Message answer(Message query) {
		Record question = query.getQuestion();
		Message answer = new Message(query.getHeader().getID());
		answer.getHeader().setFlag(Flags.QR);
		answer.getHeader().setFlag(Flags.RA);
		if (question == null) {
			answer.getHeader().setRcode(Rcode.FORMERR);
			return answer;
		}
		answer.addRecord(question, Section.QUESTION);
		this.asked.computeIfAbsent(question.getName(), (name) -> new AtomicInteger()).incrementAndGet();
		switch (this.moods.getOrDefault(question.getName(), Mood.HONEST)) {
			case SILENT -> {
				return null;
			}
			case BOGUS -> {
				if (query.getHeader().getFlag(Flags.CD)) {
					fill(answer, question);
				}
				else {
					answer.getHeader().setRcode(Rcode.SERVFAIL);
				}
			}
			case LOOPING -> loop(answer, question);
			case REBINDING -> {
				fill(answer, question);
				if (this.asked.get(question.getName()).get() > 2) {
					answer.removeAllRecords(Section.ANSWER);
					answer.addRecord(new ARecord(question.getName(), DClass.IN, 0, InetAddress.ofLiteral("10.0.0.1")),
							Section.ANSWER);
				}
			}
			case LYING -> lie(answer, question);
			case SERVFAIL -> answer.getHeader().setRcode(Rcode.SERVFAIL);
			case REFUSED -> answer.getHeader().setRcode(Rcode.REFUSED);
			case HONEST -> {
				fill(answer, question);
				if (isSecure(answer, question)) {
					answer.getHeader().setFlag(Flags.AD);
				}
				OPTRecord edns = query.getOPT();
				if (edns != null && (edns.getFlags() & ExtendedFlags.DO) != 0) {
					answer.addRecord(new OPTRecord(4096, 0, 0, ExtendedFlags.DO), Section.ADDITIONAL);
					sign(answer, question);
				}
			}
		}
		return answer;
	}

	private boolean isSecure(Message answer, Record question) {
		return isSecure(question.getName())
				&& answer.getSection(Section.ANSWER).stream().allMatch((found) -> isSecure(found.getName()));
	}

	private boolean isSecure(Name name) {
		return this.secure.stream().anyMatch(name::subdomain);
	}

	/**
	 * Adds signatures to what is answered, and proof to what is denied.
	 */
	private void sign(Message answer, Record question) {
		Name last = question.getName();
		for (RRset set : answer.getSectionRRsets(Section.ANSWER)) {
			SignedZone zone = zoneOf(set.getName());
			if (zone != null) {
				answer.addRecord(zone.sign(set.rrs()), Section.ANSWER);
			}
			last = set.getType() == Type.CNAME ? ((CNAMERecord) set.first()).getTarget() : set.getName();
		}
		Name end = last;
		SignedZone zone = zoneOf(end);
		boolean answered = answer.getSection(Section.ANSWER)
			.stream()
			.anyMatch((found) -> found.getName().equals(end) && found.getType() == question.getType());
		if (zone == null || answered) {
			return;
		}
		if (question.getType() == Type.DNSKEY && end.equals(zone.apex())) {
			answer.getHeader().setRcode(Rcode.NOERROR);
			answer.addRecord(zone.key(), Section.ANSWER);
			answer.addRecord(zone.sign(List.of(zone.key())), Section.ANSWER);
			return;
		}
		answer.getHeader().setRcode(Rcode.NOERROR);
		Set<Integer> types = this.zone.getOrDefault(end, List.of())
			.stream()
			.map(Record::getType)
			.collect(Collectors.toSet());
		zone.denial(end, types).forEach((proof) -> answer.addRecord(proof, Section.AUTHORITY));
	}

	private SignedZone zoneOf(Name name) {
		return this.signed.values().stream().filter((zone) -> name.subdomain(zone.apex())).findFirst().orElse(null);
	}

	/**
	 * Leads on from each name to a new one, without end.
	 */
	private void loop(Message answer, Record question) {
		Name name = question.getName();
		Name next = name("x" + this.loops.incrementAndGet() + ".loop.example");
		this.moods.put(next, Mood.LOOPING);
		answer.addRecord(new CNAMERecord(name, DClass.IN, TTL, next), Section.ANSWER);
	}

	/**
	 * Answers with records of another name.
	 */
	private static void lie(Message answer, Record question) {
		answer.addRecord(new ARecord(name("liar.example"), DClass.IN, TTL, InetAddress.ofLiteral("127.0.0.1")),
				Section.ANSWER);
		answer.addRecord(new MXRecord(name("liar.example"), DClass.IN, TTL, 1, name("liar.example")), Section.ANSWER);
	}

	private void fill(Message answer, Record question) {
		Name name = question.getName();
		for (int depth = 0; depth < 20; depth++) {
			List<Record> here = this.zone.get(name);
			if (here == null) {
				answer.getHeader().setRcode(isEmptyNonTerminal(name) ? Rcode.NOERROR : Rcode.NXDOMAIN);
				return;
			}
			Name next = null;
			for (Record found : here) {
				if (found.getType() == question.getType()) {
					answer.addRecord(found, Section.ANSWER);
				}
				else if (found instanceof CNAMERecord alias) {
					answer.addRecord(found, Section.ANSWER);
					next = alias.getTarget();
				}
			}
			if (next == null) {
				return;
			}
			name = next;
		}
	}

	private boolean isEmptyNonTerminal(Name name) {
		return this.below.getOrDefault(name, 0) > 0;
	}

	private void countAbove(Name name, int difference) {
		for (int labels = 1; labels < name.labels(); labels++) {
			this.below.merge(new Name(name, labels), difference, Integer::sum);
		}
	}

	private static Name name(String text) {
		try {
			return Name.fromString(text, Name.root);
		}
		catch (TextParseException ex) {
			throw new IllegalArgumentException(text, ex);
		}
	}

	/**
	 * How a name is answered.
	 */
	public enum Mood {

		/** With what the zone holds. */
		HONEST,
		/** With a failure, as for broken DNSSEC. */
		SERVFAIL,
		/** With a failure, unless signatures are not to be looked at. */
		BOGUS,
		/** With an alias to a new name, each time. */
		LOOPING,
		/** Once for each family with what the zone holds, then with an inner address. */
		REBINDING,
		/** With what was not asked for. */
		LYING,
		/** Not for you. */
		REFUSED,
		/** Not at all. */
		SILENT

	}

}
