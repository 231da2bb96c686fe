package org.partnertls.tlscheck;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiPredicate;

import com.google.common.net.InternetDomainName;
import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.ChainFacts;
import org.partnertls.tlscheck.Report.HostReport;

/**
 * The {@code TlsDomain} that would fit the certificates of all servers. Exchange Online's
 * exact rule is not documented, so only what every reading of it accepts is called
 * fitting: for {@code host.x} the DNS name itself or {@code *.x}, for {@code *.x} the
 * same wildcard or a name one label below {@code x}.
 */
sealed interface TlsDomain {

	/**
	 * A name that fits.
	 */
	record Fits(String name) implements TlsDomain {

	}

	/**
	 * A name that fits if names more than one label below count.
	 */
	record Unsure(String name) implements TlsDomain {

	}

	/**
	 * There is none.
	 */
	record Impossible() implements TlsDomain {

	}

	/**
	 * Finds it. Only names under which the servers are known, or the mail domain's, are
	 * considered, so that a stranger's certificate never suggests the stranger's name.
	 */
	static TlsDomain of(Report report) {
		List<HostReport> hosts = report.hosts()
			.stream()
			.filter((host) -> host.addresses().stream().anyMatch((address) -> address.chain() != null))
			.toList();
		List<List<String>> certificates = hosts.stream()
			.flatMap((host) -> host.addresses().stream())
			.map(AddressReport::chain)
			.filter(Objects::nonNull)
			.map(ChainFacts::leaf)
			.map(Report.CertificateFacts::dnsNames)
			.toList();
		if (certificates.isEmpty()) {
			return new Impossible();
		}
		Set<String> candidates = candidates(report.domain(), hosts.stream().map(HostReport::name).toList(),
				certificates);
		String sure = first(candidates, certificates, TlsDomain::surelyFits);
		if (sure != null) {
			return new Fits(sure);
		}
		String perhaps = first(candidates, certificates, TlsDomain::perhapsFits);
		return (perhaps != null) ? new Unsure(perhaps) : new Impossible();
	}

	private static Set<String> candidates(String domain, List<String> hosts, List<List<String>> certificates) {
		Set<String> candidates = new LinkedHashSet<>();
		for (String parent = commonParent(hosts); parent != null
				&& isOwned(parent); parent = CertificateNames.parent(parent)) {
			String wildcard = "*." + parent;
			if (hosts.size() > 1 || certificates.stream().allMatch((names) -> names.contains(wildcard))) {
				candidates.add(wildcard);
			}
		}
		if (hosts.size() == 1) {
			candidates.add(hosts.getFirst());
		}
		candidates.add(domain);
		return candidates;
	}

	private static @Nullable String commonParent(List<String> hosts) {
		String parent = CertificateNames.parent(hosts.getFirst());
		while (parent != null && !allBelow(hosts, parent)) {
			parent = CertificateNames.parent(parent);
		}
		return parent;
	}

	private static boolean allBelow(List<String> hosts, String parent) {
		return hosts.stream().allMatch((host) -> host.endsWith("." + parent));
	}

	/**
	 * Whether somebody in particular owns it: no top-level domain, no public suffix.
	 */
	private static boolean isOwned(String name) {
		return name.indexOf('.') > 0 && InternetDomainName.isValid(name)
				&& !InternetDomainName.from(name).isPublicSuffix();
	}

	private static @Nullable String first(Set<String> candidates, List<List<String>> certificates,
			BiPredicate<String, String> fits) {
		return candidates.stream()
			.filter((candidate) -> certificates.stream()
				.allMatch((names) -> names.stream().anyMatch((name) -> fits.test(name, candidate))))
			.findFirst()
			.orElse(null);
	}

	static boolean surelyFits(String name, String candidate) {
		return candidate.startsWith("*.")
				? name.equals(candidate) || (!name.startsWith("*.") && CertificateNames.matches(candidate, name))
				: CertificateNames.matches(name, candidate);
	}

	private static boolean perhapsFits(String name, String candidate) {
		return candidate.startsWith("*.") && name.endsWith(candidate.substring(1));
	}

}
