package org.partnertls.tlscheck;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.HostReport;
import org.partnertls.tlscheck.Report.MxOutcome;

/**
 * How a domain's mail servers were when the connectors were approved, to compare every
 * later check with.
 *
 * @param at when it was approved
 * @param level what the outbound connector demands
 * @param tlsDomain the name that it demands, at the highest level
 * @param platform who ran the servers
 * @param hosts the names of the servers
 * @param names the names in the certificates of each server that showed one
 */
public record Approved(Instant at, Level level, @Nullable String tlsDomain, MxPlatform platform,
		SortedSet<String> hosts, SortedMap<String, SortedSet<String>> names) {

	static Approved of(Report report, Level level, @Nullable String tlsDomain, Instant at) {
		List<String> hosts = report.hosts().stream().map(HostReport::name).toList();
		return new Approved(at, level, tlsDomain, MxPlatform.of(hosts), new TreeSet<>(hosts), names(report));
	}

	/**
	 * Approved before any check: the first that sees servers is what is compared with.
	 */
	static Approved unseen(Level level, @Nullable String tlsDomain, Instant at) {
		return new Approved(at, level, tlsDomain, MxPlatform.OWN, new TreeSet<>(), new TreeMap<>());
	}

	/** Whether there is something to compare with. */
	boolean seen() {
		return !this.hosts.isEmpty();
	}

	private static SortedMap<String, SortedSet<String>> names(Report report) {
		SortedMap<String, SortedSet<String>> names = new TreeMap<>();
		for (HostReport host : report.hosts()) {
			for (AddressReport address : host.addresses()) {
				if (address.chain() != null) {
					names.computeIfAbsent(host.name(), (name) -> new TreeSet<>())
						.addAll(address.chain().leaf().dnsNames());
				}
			}
		}
		return names;
	}

	/**
	 * What mail through the connector is expected to meet: the verdict at its level and,
	 * at the highest, with the very name that it demands.
	 */
	Verdict.Outcome outcome(Report report, Verdict verdict) {
		if (this.level != Level.DOMAIN_VALIDATION || this.tlsDomain == null) {
			return verdict.level(this.level).outcome();
		}
		Verdict.Outcome trusted = verdict.certificateValidation().outcome();
		return (trusted == Verdict.Outcome.PASS && !misfits(report).isEmpty()) ? Verdict.Outcome.FAIL : trusted;
	}

	private List<String> misfits(Report report) {
		String demanded = this.tlsDomain;
		return (demanded == null || this.level != Level.DOMAIN_VALIDATION) ? List.of() : names(report).entrySet()
			.stream()
			.filter((server) -> server.getValue().stream().noneMatch((name) -> TlsDomain.surelyFits(name, demanded)))
			.map(java.util.Map.Entry::getKey)
			.toList();
	}

	/**
	 * What is different now. A server that could not be reached says nothing about its
	 * names, and a look-up without an answer nothing about the servers.
	 */
	Difference compare(Report report, Verdict verdict) {
		List<String> changes = new ArrayList<>();
		MxOutcome mx = report.mx().outcome();
		if (mx == MxOutcome.NO_ANSWER) {
			return new Difference(List.of(), "");
		}
		SortedSet<String> now = new TreeSet<>(report.hosts().stream().map(HostReport::name).toList());
		List<String> come = now.stream().filter((host) -> !this.hosts.contains(host)).toList();
		List<String> gone = this.hosts.stream().filter((host) -> !now.contains(host)).toList();
		if (!come.isEmpty()) {
			changes.add("New mail servers: " + list(come) + ".");
		}
		if (!gone.isEmpty()) {
			changes.add("No longer named: " + list(gone) + ".");
		}
		MxPlatform platform = MxPlatform.of(List.copyOf(now));
		if (!now.isEmpty() && platform != this.platform) {
			changes.add("Mail is now received by " + platform.words() + "; it was " + this.platform.words() + ".");
		}
		names(report).forEach((host, names) -> {
			SortedSet<String> before = this.names.get(host);
			if (before != null && !before.equals(names)) {
				changes.add("The certificate of " + host + " has other names: " + list(List.copyOf(names)) + "; it had "
						+ list(List.copyOf(before)) + ".");
			}
		});
		return changes.isEmpty() ? new Difference(List.of(), "")
				: new Difference(changes, effect(report, verdict, platform));
	}

	private String effect(Report report, Verdict verdict, MxPlatform platform) {
		List<String> misfits = misfits(report);
		String outbound = !misfits.isEmpty() ? "Our outbound connector demands the certificate name " + this.tlsDomain
				+ ", which " + list(misfits) + (misfits.size() > 1 ? " do" : " does")
				+ " not show: mail to this domain would be held back. Change the name in the plan, or the"
				+ " certificate." : switch (outcome(report, verdict)) {
					case PASS -> "Our outbound connector finds the servers by MX record and is expected to go on"
							+ " delivering at the level approved.";
					case FAIL -> "Our outbound connector follows the MX record, but the servers do not meet the"
							+ " level approved: mail to this domain would be held back.";
					case INCONCLUSIVE, NOT_OFFERED ->
						"Our outbound connector follows the MX record; whether it gets through cannot be said yet.";
				};
		return (platform != this.platform) ? outbound
				+ " If the partner also sends from there now, mail from them may stop to fit our inbound connector, and"
				+ " their own rules have to be set up anew: ask them to confirm again." : outbound;
	}

	private static String list(List<String> names) {
		List<String> few = names.subList(0, Math.min(5, names.size()));
		return String.join(", ", few.isEmpty() ? List.of("none") : few)
				+ ((names.size() > few.size()) ? " and " + (names.size() - few.size()) + " more" : "");
	}

	/**
	 * What is different from what was approved.
	 *
	 * @param changes a sentence for each; none when all is as it was
	 * @param effect what it is expected to do to our connectors
	 */
	record Difference(List<String> changes, String effect) {

		Difference {
			changes = List.copyOf(changes);
		}

		@Nullable String words() {
			return this.changes.isEmpty() ? null : String.join(" ", this.changes) + "\n" + this.effect;
		}

	}

}
