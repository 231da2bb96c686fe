package org.partnertls.tlscheck;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

import org.jspecify.annotations.Nullable;

/**
 * The names in a certificate and how they are compared (RFC 9525 section 6.3): DNS names
 * only; a wildcard stands alone as the left-most label and for exactly one label.
 */
final class CertificateNames {

	private static final Integer DNS_NAME = 2;

	private CertificateNames() {
	}

	/**
	 * Whether a presented name stands for a host name.
	 */
	static boolean matches(String presented, String reference) {
		String name = presented.toLowerCase(Locale.ROOT);
		String host = reference.toLowerCase(Locale.ROOT);
		if (!name.startsWith("*.")) {
			return name.equals(host);
		}
		String parent = parent(host);
		return parent != null && parent.indexOf('.') > 0 && name.substring(2).equals(parent)
				&& name.indexOf('*', 1) < 0;
	}

	static boolean anyMatches(Collection<String> presented, String reference) {
		return presented.stream().anyMatch((name) -> matches(name, reference));
	}

	/**
	 * The name without its left-most label.
	 */
	static @Nullable String parent(String name) {
		int dot = name.indexOf('.');
		return (dot > 0 && dot < name.length() - 1) ? name.substring(dot + 1) : null;
	}

	/**
	 * The DNS names of the subject alternative name, lower case, as they stand there.
	 */
	static List<String> dnsNames(X509Certificate certificate) {
		List<String> names = new ArrayList<>();
		try {
			Collection<List<?>> all = certificate.getSubjectAlternativeNames();
			if (all != null) {
				for (List<?> name : all) {
					if (DNS_NAME.equals(name.get(0)) && name.get(1) instanceof String text) {
						names.add(text.toLowerCase(Locale.ROOT));
					}
				}
			}
		}
		catch (CertificateParsingException ex) {
			// What cannot be read names nobody.
			return List.of();
		}
		return names;
	}

	/**
	 * The most specific common name of the subject.
	 */
	static @Nullable String commonName(X509Certificate certificate) {
		try {
			List<Rdn> rdns = new LdapName(certificate.getSubjectX500Principal().getName()).getRdns();
			for (Rdn rdn : rdns.reversed()) {
				if (rdn.getType().equalsIgnoreCase("CN") && rdn.getValue() instanceof String text) {
					return text;
				}
			}
			return null;
		}
		catch (InvalidNameException ex) {
			return null;
		}
	}

}
