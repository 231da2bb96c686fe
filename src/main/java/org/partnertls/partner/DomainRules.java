package org.partnertls.partner;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import com.google.common.base.Splitter;
import com.ibm.icu.text.SpoofChecker;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.Partnerships.Held;

import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Which domains can be a partner's, and which ones deserve a second look.
 */
@Component
public class DomainRules {

	// UTS 39 section 5.2: one script, or Latin with one other that cannot be mistaken for
	// it. Whole names are compared by skeleton (section 4).
	private static final SpoofChecker SPOOFS = new SpoofChecker.Builder()
		.setChecks(SpoofChecker.RESTRICTION_LEVEL | SpoofChecker.MIXED_NUMBERS | SpoofChecker.INVISIBLE)
		.setRestrictionLevel(SpoofChecker.RestrictionLevel.MODERATELY_RESTRICTIVE)
		.build();

	private static final Pattern PROVIDERS = providers();

	private final Partnerships partnerships;

	private final OrganizationProperties organization;

	DomainRules(Partnerships partnerships, OrganizationProperties organization) {
		this.partnerships = partnerships;
		this.organization = organization;
	}

	/**
	 * What everybody can know about a domain without asking us: nobody, or a mail
	 * provider, owns it.
	 * @return refusals in words, for whoever typed it
	 */
	public static List<String> refusalsOfTheName(DomainName domain) {
		if (domain.isPublicSuffix()) {
			return List.of("Others register their names below " + domain.display()
					+ ", so it cannot be an organisation's mail domain. Enter the whole domain, for example"
					+ " organisation." + domain.unicode() + ".");
		}
		if (PROVIDERS.matcher(domain.ascii()).matches()) {
			return List
				.of("The domain " + domain.display() + " belongs to a mail provider whom many people share. Enter"
						+ " your organisation's own mail domain.");
		}
		return List.of();
	}

	/**
	 * Checks a domain against everything we know.
	 * @param exceptPartner a partner whose own domains do not count; null for none
	 * @return refusals that the person at the form may read, and warnings for us only:
	 * they name other partners
	 */
	@Transactional(readOnly = true)
	public Findings check(DomainName domain, @Nullable UUID exceptPartner) {
		return register().check(domain, exceptPartner);
	}

	/** All that we know now, for whoever checks many domains. */
	@Transactional(readOnly = true)
	public Register register() {
		return new Register(this.partnerships.findHeldDomains().stream().map(Known::of).toList());
	}

	private Findings check(DomainName domain, @Nullable UUID exceptPartner, List<Known> known) {
		List<String> refusals = new ArrayList<>(refusalsOfTheName(domain));
		for (DomainName ours : this.organization.mailDomains()) {
			if (domain.equals(ours) || domain.isBelow(ours)) {
				refusals.add("The domain " + domain.display() + " belongs to " + this.organization.name()
						+ ". Enter the partner's own mail domain.");
			}
		}
		List<String> warnings = new ArrayList<>(suspicions(domain));
		String skeleton = skeletonOf(domain);
		for (Known held : known) {
			if (held.partnerId().equals(exceptPartner)) {
				continue;
			}
			if (held.domain().equals(domain)) {
				refusals.add("The domain " + domain.display() + " is already registered with us. Questions: "
						+ this.organization.supportAddress() + ".");
			}
			else {
				relation(domain, skeleton, held).ifPresent(warnings::add);
			}
		}
		return new Findings(List.copyOf(refusals), List.copyOf(warnings));
	}

	private List<String> suspicions(DomainName domain) {
		List<String> warnings = new ArrayList<>();
		for (String label : Splitter.on('.').split(domain.unicode())) {
			if (SPOOFS.failsChecks(label)) {
				warnings.add("The name “" + label + "” mixes writing systems, as look-alike domains do. Make sure by"
						+ " another way (a phone call to a number that you know) that it is really theirs.");
			}
		}
		for (DomainName ours : this.organization.mailDomains()) {
			if (!domain.equals(ours) && looksLike(domain, ours)) {
				warnings.add("The domain " + domain.display() + " looks like our own " + ours.display()
						+ ". Make sure by another way that it is no imitation.");
			}
			if (ours.isBelow(domain)) {
				warnings.add("Our own domain " + ours.display() + " lies below " + domain.display() + ".");
			}
		}
		return warnings;
	}

	private static Optional<String> relation(DomainName domain, String skeleton, Known held) {
		DomainName other = held.domain();
		if (domain.isBelow(other)) {
			return Optional.of("The domain " + domain.display() + " lies below " + other.display() + ", which "
					+ held.partnerName() + " holds. Check that the two are one organisation or know of each other.");
		}
		if (other.isBelow(domain)) {
			return Optional.of("The domain " + other.display() + ", which " + held.partnerName() + " holds, lies below "
					+ domain.display() + ". Check that the two are one organisation or know of each other.");
		}
		if (skeleton.equals(held.skeleton())) {
			return Optional.of("The domain " + domain.display() + " looks like " + other.display() + ", which "
					+ held.partnerName() + " holds. Make sure by another way that it is no imitation.");
		}
		return Optional.empty();
	}

	private static boolean looksLike(DomainName one, DomainName other) {
		return skeletonOf(one).equals(skeletonOf(other));
	}

	private static String skeletonOf(DomainName domain) {
		return SPOOFS.getSkeleton(domain.unicode());
	}

	// A line is a domain, which stands for those below it as well, or a name with ".*"
	// for
	// every ending of it.
	private static Pattern providers() {
		try (InputStream in = DomainRules.class.getResourceAsStream("/provider-domains.txt");
				BufferedReader lines = new BufferedReader(
						new InputStreamReader(Objects.requireNonNull(in), StandardCharsets.UTF_8))) {
			return Pattern.compile(lines.lines()
				.map(String::strip)
				.filter((line) -> !line.isEmpty() && !line.startsWith("#"))
				.map((line) -> line.endsWith(".*") ? Pattern.quote(line.substring(0, line.length() - 2))
						+ "\\.(?:(?:co|com|net|org|ne)\\.)?[a-z]{2,4}" : Pattern.quote(line))
				.collect(Collectors.joining("|", "(?:[^.]+\\.)*(?:", ")")));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * The domains that living partners held when it was made.
	 */
	public final class Register {

		private final List<Known> known;

		private final Map<DomainName, UUID> holders;

		private Register(List<Known> known) {
			this.known = known;
			this.holders = known.stream().collect(Collectors.toMap(Known::domain, Known::partnerId));
		}

		/** As {@link DomainRules#check}. */
		public Findings check(DomainName domain, @Nullable UUID exceptPartner) {
			return DomainRules.this.check(domain, exceptPartner, this.known);
		}

		/** Who holds a domain; null: nobody. */
		public @Nullable UUID holder(DomainName domain) {
			return this.holders.get(domain);
		}

	}

	private record Known(UUID partnerId, String partnerName, DomainName domain, String skeleton) {

		static Known of(Held held) {
			return new Known(held.getPartnerId(), held.getPartnerName(), held.getDomain(),
					skeletonOf(held.getDomain()));
		}

	}

	/**
	 * What the rules say about a domain.
	 *
	 * @param refusals why it cannot be a partner's; empty when it can
	 * @param warnings what a colleague should look at first
	 */
	public record Findings(List<String> refusals, List<String> warnings) {
	}

}
