package org.partnertls.onboarding;

import java.util.List;
import java.util.stream.Collectors;

import org.partnertls.organization.DomainName;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Said;
import org.partnertls.organization.Words;

/**
 * Our names as recipes need them, and the one place where they enter a text or a script.
 * Everything but the organisation's name is a domain name, so it holds no character that
 * a shell, PowerShell or a configuration file could take for syntax; scripts quote it all
 * the same. The organisation's name never stands in code.
 *
 * @param organization our name, for texts only
 * @param domains our mail domains
 * @param mxNames host names behind our MX records; a leading dot stands for a family
 * @param sendingNames names in the certificates of our sending servers, likewise
 * @param support whom to ask, in words
 */
record RecipeNames(String organization, List<DomainName> domains, List<String> mxNames, List<String> sendingNames,
		String support) {

	static RecipeNames of(OrganizationProperties properties, List<DomainName> domains) {
		return new RecipeNames(properties.name(), domains.stream().distinct().toList(),
				hostNames("portal.organization.mx-names", properties.mxNames()),
				hostNames("portal.organization.sending-names", properties.sendingNames()),
				Words.of("{0} or {1}", properties.supportAddress(), properties.supportPhone()));
	}

	private static List<String> hostNames(String key, List<String> configured) {
		if (configured.isEmpty()) {
			throw new IllegalArgumentException(key + " must name at least one host.");
		}
		return configured.stream().map((name) -> hostName(key, name)).distinct().toList();
	}

	private static String hostName(String key, String configured) {
		boolean family = configured.startsWith(".");
		try {
			DomainName name = DomainName.of(family ? configured.substring(1) : configured);
			return (family ? "." : "") + name;
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(key + " has a value that is no host name. " + ex.getMessage(), ex);
		}
	}

	/**
	 * Fills in a template, in the reader's language if it is a text. Its places:
	 * {@code [[primary]]} our first domain (also in the names of what a recipe makes),
	 * {@code [[primary.regex]]} the same for a regular expression, {@code [[domains]]}
	 * all of them in words, {@code [[domains.shell]]} and {@code [[domains.powershell]]}
	 * quoted, {@code [[domains.lines]]} one a line, {@code [[domains.words]]} with blanks
	 * between, {@code [[domains.exim]]} as an Exim list, {@code [[mx]]} and
	 * {@code [[sending]]} in words, {@code [[mx.shell]]} quoted, {@code [[mx.postfix]]}
	 * as a match attribute, {@code [[support]]} whom to ask, {@code [[organization]]} our
	 * name.
	 * @param template the text
	 */
	String fill(String template) {
		String primary = this.domains.getFirst().ascii();
		// The organisation's name comes last: what stands in it is never a place to fill.
		return Said.in(Words.language(), template.strip())
			.replace("[[primary]]", primary)
			.replace("[[primary.regex]]", primary.replace(".", "\\."))
			.replace("[[domains]]", inWords(this.domains.stream().map(DomainName::display).toList(), "and"))
			.replace("[[domains.shell]]", quoted(" "))
			.replace("[[domains.powershell]]", quoted(","))
			.replace("[[domains.lines]]", joined("\n"))
			.replace("[[domains.words]]", joined(" "))
			.replace("[[domains.exim]]", joined(" : "))
			.replace("[[mx]]", inWords(this.mxNames.stream().map(RecipeNames::family).toList(), "or"))
			.replace("[[mx.shell]]",
					this.mxNames.stream().map((name) -> "'" + name + "'").collect(Collectors.joining(" ")))
			.replace("[[mx.postfix]]", "match=" + String.join(":", this.mxNames))
			.replace("[[sending]]", inWords(this.sendingNames.stream().map(RecipeNames::family).toList(), "or"))
			.replace("[[support]]", this.support)
			.replace("[[organization]]", this.organization);
	}

	/**
	 * A template repeated for each of our domains, which stands for {@code [[domain]]}.
	 * @param template a text that ends in a line break where lines are wanted
	 */
	String forEachDomain(String template) {
		return this.domains.stream()
			.map((domain) -> template.replace("[[domain]]", domain.ascii()))
			.collect(Collectors.joining());
	}

	/**
	 * The one name that all our MX hosts' certificates have, as Exchange wants it
	 * ({@code *.} for a family), or an empty text when there are several: Exchange takes
	 * one only.
	 */
	String onlyMxName() {
		return (this.mxNames.size() == 1) ? family(this.mxNames.getFirst()) : "";
	}

	private String joined(String separator) {
		return this.domains.stream().map(DomainName::ascii).collect(Collectors.joining(separator));
	}

	private String quoted(String separator) {
		return "'" + joined("'" + separator + "'") + "'";
	}

	private static String family(String name) {
		return name.startsWith(".") ? "*" + name : name;
	}

	private static String inWords(List<String> names, String conjunction) {
		if (names.size() == 1) {
			return names.getFirst();
		}
		return Words.of("{0} " + conjunction + " {1}", String.join(", ", names.subList(0, names.size() - 1)),
				names.getLast());
	}

}
