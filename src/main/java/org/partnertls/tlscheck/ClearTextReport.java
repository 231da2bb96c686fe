package org.partnertls.tlscheck;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.partnertls.tlscheck.Finding.Severity;

/**
 * Whether a domain's servers refuse mail in clear text, as far as it can be seen from
 * outside: the same sender and recipient were named once with TLS and once without, and
 * no message was sent.
 *
 * @param domain the mail domain
 * @param started when
 * @param finished when
 * @param hosts each address that was tried
 */
public record ClearTextReport(String domain, Instant started, Instant finished, List<HostClearText> hosts) {

	public ClearTextReport {
		hosts = List.copyOf(hosts);
	}

	/**
	 * What it came to, over all servers.
	 */
	public ClearText outcome() {
		if (this.hosts.stream().anyMatch((host) -> host.outcome() == ClearText.ACCEPTED)) {
			return ClearText.ACCEPTED;
		}
		boolean all = !this.hosts.isEmpty()
				&& this.hosts.stream().allMatch((host) -> host.outcome() == ClearText.REFUSED);
		return all ? ClearText.REFUSED : ClearText.NOT_CLEAR;
	}

	/**
	 * The same as findings, one for each outcome.
	 */
	public List<Finding> findings() {
		List<Finding> findings = new ArrayList<>();
		for (ClearText outcome : ClearText.values()) {
			List<HostClearText> hosts = this.hosts.stream().filter((host) -> host.outcome() == outcome).toList();
			if (!hosts.isEmpty()) {
				findings.add(new Finding(Rule.S9, outcome.code(), outcome.severity(), hosts.getFirst().words(),
						outcome.sentence(), outcome.remedy(),
						hosts.stream().map(HostClearText::host).distinct().toList(), Findings.NOTHING));
			}
		}
		return findings;
	}

	/**
	 * What one address did.
	 *
	 * @param host name of the server
	 * @param address IPv4 or IPv6 literal
	 * @param outcome whether clear text is refused
	 * @param words why, for people, with the server's own reply
	 * @param transcript both conversations, each at most 4 KiB
	 */
	public record HostClearText(String host, String address, ClearText outcome, String words, String transcript) {

	}

	/**
	 * Whether clear text is refused.
	 */
	public enum ClearText {

		/** The recipient was accepted without TLS. */
		ACCEPTED("clear-text-accepted", Severity.WARN, "The mail server accepts the same mail in clear text.",
				"Require TLS for mail from our domains."),
		/**
		 * It cannot be said: with TLS it was not accepted either, or the server put us
		 * off.
		 */
		NOT_CLEAR("clear-text-unclear", Severity.INCONCLUSIVE,
				"Whether the mail server refuses clear text cannot be seen from outside.",
				"Try again later with an address that exists, or let the test message prove it."),
		/** With TLS it was accepted, without it was refused. */
		REFUSED("clear-text-refused", Severity.PASS, "The mail server accepts mail with TLS and refuses it without.",
				"");

		private final String code;

		private final Severity severity;

		private final String sentence;

		private final String remedy;

		ClearText(String code, Severity severity, String sentence, String remedy) {
			this.code = code;
			this.severity = severity;
			this.sentence = sentence;
			this.remedy = remedy;
		}

		/** Stable code of rule S9. */
		public String code() {
			return this.code;
		}

		/** How good or bad it is. */
		public Severity severity() {
			return this.severity;
		}

		/** For people. */
		public String sentence() {
			return this.sentence;
		}

		/** What to do about it; empty where nothing is to be done. */
		public String remedy() {
			return this.remedy;
		}

	}

}
