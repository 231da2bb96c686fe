package org.partnertls.dns;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.ConstructorBinding;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Whom we ask about names.
 *
 * @param servers DNS servers in the order in which they are asked, each as {@code host},
 * {@code host:port} or {@code [IPv6]:port}, port 53 unless given; empty means the servers
 * that the operating system uses
 * @param timeout how long one server may take for one question, up to ten seconds
 * @param validation who checks the signatures of the DNS: {@code resolver}, which trusts
 * the word of the servers and the way to them, best one on this machine; {@code own}, the
 * portal itself; {@code none}
 * @param trustAnchors for {@code own}, a file with DS or DNSKEY records in zone file form
 * to start from; by default those of the root zone
 */
@ConfigurationProperties("portal.dns")
public record DnsProperties(@DefaultValue List<String> servers, @DefaultValue("3s") Duration timeout,
		@DefaultValue("resolver") Validation validation, @Nullable Path trustAnchors) {

	private static final Pattern SERVER = Pattern
		.compile("(?:\\[(?<bracketed>[0-9A-Fa-f:.]+)]|(?<plain>[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)"
				+ "|(?<host>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?))(?::(?<port>[0-9]{1,5}))?");

	@ConstructorBinding
	public DnsProperties {
		servers = List.copyOf(servers);
		servers.forEach(DnsProperties::address);
		if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(Duration.ofSeconds(10)) > 0) {
			throw new IllegalArgumentException(
					"portal.dns.timeout must be more than 0 and at most 10s, but is " + timeout + ".");
		}
	}

	/**
	 * The usual settings with these servers.
	 */
	public DnsProperties(List<String> servers, Duration timeout) {
		this(servers, timeout, Validation.RESOLVER, null);
	}

	/**
	 * The addresses of the servers; a host name is left unresolved.
	 */
	List<InetSocketAddress> addresses() {
		return this.servers.stream().map(DnsProperties::address).toList();
	}

	private static InetSocketAddress address(String server) {
		Matcher matcher = SERVER.matcher(server.strip());
		if (!matcher.matches()) {
			throw wrong(server);
		}
		int port = (matcher.group("port") != null) ? Integer.parseInt(matcher.group("port")) : 53;
		if (port < 1 || port > 65535) {
			throw wrong(server);
		}
		String host = (matcher.group("host") != null) ? matcher.group("host")
				: (matcher.group("bracketed") != null) ? matcher.group("bracketed") : matcher.group("plain");
		return InetSocketAddress.createUnresolved(host, port);
	}

	private static IllegalArgumentException wrong(String server) {
		return new IllegalArgumentException("portal.dns.servers must hold DNS servers as host or host:port,"
				+ " for example 192.0.2.53 or 127.0.0.1:5353, but holds “" + server + "”.");
	}

}
