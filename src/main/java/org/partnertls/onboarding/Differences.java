package org.partnertls.onboarding;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;

/**
 * What is different between two passes of the task list, for people. People at the
 * partner are no part of it: they come and go with events of their own.
 */
final class Differences {

	private Differences() {
	}

	/**
	 * Compares.
	 * @param enforced the domains that the connectors have
	 * @param covered those that they shall have
	 * @return a sentence each; none when nothing has changed
	 */
	static List<String> between(Answers before, Answers now, SortedSet<DomainName> enforced,
			SortedSet<DomainName> covered) {
		List<String> sentences = new ArrayList<>();
		covered.stream()
			.filter((domain) -> !enforced.contains(domain))
			.forEach((domain) -> sentences.add("New mail domain: " + domain.display() + "."));
		enforced.stream()
			.filter((domain) -> !covered.contains(domain))
			.forEach((domain) -> sentences.add("No longer a mail domain: " + domain.display() + "."));
		change("Sends with", platforms(before), platforms(now), sentences);
		change("Other senders", before.otherSenders(), now.otherSenders(), sentences);
		change("Sending addresses", join(before.ipRanges()), join(now.ipRanges()), sentences);
		change("Name in the sending certificate", before.certificateName(), now.certificateName(), sentences);
		change("Set-up", words(before.setup()), words(now.setup()), sentences);
		Answers.Confirmation then = before.confirmation();
		Answers.Confirmation confirmed = now.confirmation();
		if (then != null && confirmed != null) {
			change("Requires TLS toward us", words(then.toUs()), words(confirmed.toUs()), sentences);
			change("Refuses clear text from us", words(then.fromUs()), words(confirmed.fromUs()), sentences);
		}
		return sentences;
	}

	private static void change(String what, @Nullable String before, @Nullable String now, List<String> sentences) {
		if (!Objects.equals(before, now)) {
			sentences.add(what + ": " + ((now != null) ? now : "nothing") + "; before: "
					+ ((before != null) ? before : "nothing") + ".");
		}
	}

	private static @Nullable String platforms(Answers answers) {
		return join(answers.platforms().stream().map(MailPlatform::displayName).sorted().toList());
	}

	private static @Nullable String join(List<String> texts) {
		return texts.isEmpty() ? null : texts.stream().sorted().collect(Collectors.joining(", "));
	}

	private static @Nullable String words(Answers.@Nullable Setup setup) {
		return (setup != null) ? setup.words() : null;
	}

	private static String words(Answers.Statement statement) {
		return statement.choice().words().toLowerCase(java.util.Locale.ROOT)
				+ ((statement.until() != null) ? " until " + statement.until() : "");
	}

}
