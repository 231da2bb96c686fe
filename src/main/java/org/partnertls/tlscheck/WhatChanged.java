package org.partnertls.tlscheck;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.partnertls.tlscheck.Finding.Severity;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.HostReport;

/**
 * What is different between two checks of a domain, for people.
 *
 * @param tone good, wait, bad or idle
 * @param sentence what
 */
record WhatChanged(String tone, String sentence) {

	/**
	 * Compares the reports by today's rules.
	 * @return none when nothing is different
	 */
	static List<WhatChanged> between(Report before, Report after) {
		List<WhatChanged> changes = new ArrayList<>();
		Verdict then = Verdict.of(before);
		Verdict now = Verdict.of(after);
		for (Verdict.LevelVerdict level : now.levels()) {
			Verdict.Outcome was = then.level(level.level()).outcome();
			if (was != level.outcome()) {
				changes.add(new WhatChanged(level.outcome().tone(), level.level().title() + ": " + lower(was.words())
						+ " before, " + lower(level.outcome().words()) + " now."));
			}
		}
		servers(before, after, changes);
		certificates(before, after, changes);
		findings(then, now, changes);
		return changes;
	}

	private static void servers(Report before, Report after, List<WhatChanged> changes) {
		List<String> then = before.hosts().stream().map(HostReport::name).toList();
		List<String> now = after.hosts().stream().map(HostReport::name).toList();
		now.stream()
			.filter((host) -> !then.contains(host))
			.forEach((host) -> changes.add(new WhatChanged("wait", "New mail server: " + host + ".")));
		then.stream()
			.filter((host) -> !now.contains(host))
			.forEach((host) -> changes.add(new WhatChanged("wait", "No longer named: " + host + ".")));
	}

	private static void certificates(Report before, Report after, List<WhatChanged> changes) {
		Map<String, AddressReport> then = addresses(before);
		addresses(after).forEach((where, now) -> {
			AddressReport was = then.get(where);
			if (was != null && was.chain() != null && now.chain() != null
					&& !was.chain().leaf().sha256().equals(now.chain().leaf().sha256())) {
				changes.add(new WhatChanged("idle", where + " shows another certificate, valid until "
						+ now.chain().leaf().notAfter().toString().substring(0, 10) + "."));
			}
			if (was != null && was.tls() != null && now.tls() != null
					&& !Objects.equals(was.tls().version(), now.tls().version())) {
				changes.add(new WhatChanged("idle", where + " now speaks " + now.tls().versionWords() + ", before "
						+ was.tls().versionWords() + "."));
			}
		});
	}

	private static Map<String, AddressReport> addresses(Report report) {
		Map<String, AddressReport> addresses = new LinkedHashMap<>();
		for (HostReport host : report.hosts()) {
			host.addresses().forEach((one) -> addresses.put(host.name() + " (" + one.address() + ")", one));
		}
		return addresses;
	}

	private static void findings(Verdict then, Verdict now, List<WhatChanged> changes) {
		now.findings()
			.stream()
			.filter((finding) -> finding.severity() != Severity.PASS && isNew(finding, then))
			.forEach(
					(finding) -> changes.add(new WhatChanged(finding.severity().tone(), "New: " + finding.sentence())));
		then.findings()
			.stream()
			.filter((finding) -> finding.severity() != Severity.PASS && isNew(finding, now))
			.forEach((finding) -> changes.add(new WhatChanged("good", "Gone: " + finding.sentence())));
	}

	// The sentence may count days, so that it alone makes no news.
	private static boolean isNew(Finding finding, Verdict other) {
		return other.findings()
			.stream()
			.noneMatch((known) -> known.code().equals(finding.code()) && known.severity() == finding.severity());
	}

	private static String lower(String words) {
		return words.substring(0, 1).toLowerCase(java.util.Locale.ROOT) + words.substring(1);
	}

}
