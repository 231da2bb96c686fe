package org.partnertls.onboarding;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.Partner.Domain;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partner.Proof;

/**
 * The partner's tasks, computed each time from what is known; nothing of it is stored.
 */
final class TaskList {

	private TaskList() {
	}

	/**
	 * The tasks in their order.
	 * @param partner who
	 * @param attestation their pass
	 * @param receiving what the checks of their servers say in one line; null before the
	 * first
	 * @param proofs what test messages showed
	 */
	static List<Task> of(Partner partner, Attestation attestation, @Nullable String receiving,
			List<org.partnertls.onboarding.Proof> proofs) {
		Answers answers = attestation.answers();
		boolean first = attestation.basisId() == null;
		List<Task> tasks = new ArrayList<>();
		tasks.add(contacts(partner));
		tasks.add(first ? domains(partner) : changedDomains(partner, answers));
		tasks.add(task("receiving", "How you receive mail",
				(receiving != null) ? receiving : "We look at your mail servers from outside, live",
				first ? answers.receivingSeen() : answers.answered().contains("receiving")));
		tasks.add(task("sending", "How you send mail", sending(answers),
				first ? !answers.platforms().isEmpty() : answers.answered().contains("sending")));
		Task setup = setup(answers);
		tasks.add((first || answers.answered().contains("setup") || !setup.done()) ? setup
				: task("setup", setup.title(), setup.hint(), false));
		tasks.removeIf((task) -> !attestation.isAbout(task.key()));
		tasks.add(testMessage(proofs));
		boolean ready = tasks.stream().allMatch(Task::done);
		tasks.add(new Task("check", "Check and confirm",
				ready ? "You confirm as a named person, for your own server" : "After the tasks above",
				ready ? "/tasks/check" : null, ready ? "To do" : "Cannot start yet", ready ? "wait" : "idle"));
		String returned = attestation.commentTask();
		return (attestation.state() == Attestation.State.RETURNED && returned != null)
				? tasks.stream().map((task) -> task.key().equals(returned) ? task.returned() : task).toList() : tasks;
	}

	/** The tasks that a reviewer can send back, whatever a pass was about before. */
	static List<Task> returnable() {
		return List.of(named("contacts", "Who we can talk to"), named("domains", "Your mail domains"),
				named("receiving", "How you receive mail"), named("sending", "How you send mail"),
				named("setup", "Set up your server"), named("test", "Send us a test message"));
	}

	private static Task named(String key, String title) {
		return task(key, title, "", false);
	}

	/** Whether all that comes before the confirmation is done. */
	static boolean isReady(List<Task> tasks) {
		return tasks.getLast().url() != null;
	}

	private static Task contacts(Partner partner) {
		String names = partner.contacts()
			.stream()
			.map((contact) -> contact.name() + ((contact.role() == ContactRole.EMERGENCY) ? " (emergency)" : ""))
			.collect(Collectors.joining(", "));
		boolean emergency = partner.contacts().stream().anyMatch((contact) -> contact.role() == ContactRole.EMERGENCY);
		return task("contacts", "Who we can talk to",
				emergency ? names : "You, and an emergency contact outside your mail domains", emergency);
	}

	private static Task domains(Partner partner) {
		String names = names(partner.domains());
		boolean proven = partner.domains().stream().noneMatch((domain) -> domain.proof() == Proof.UNPROVEN);
		String waiting = partner.domains()
			.stream()
			.filter((domain) -> domain.proof() == Proof.UNPROVEN)
			.map(Domain::name)
			.map(Object::toString)
			.collect(Collectors.joining(", "));
		return task("domains", "Your mail domains", proven ? names : "A DNS record proves " + waiting, proven);
	}

	/**
	 * In a change, a domain that is not proven yet does not hold the others back.
	 */
	private static Task changedDomains(Partner partner, Answers answers) {
		String waiting = names(
				partner.domains().stream().filter((domain) -> domain.proof() == Proof.UNPROVEN).toList());
		String leaving = names(
				partner.domains().stream().filter((domain) -> answers.retiring().contains(domain.id())).toList());
		List<String> hints = new ArrayList<>();
		if (!leaving.isEmpty()) {
			hints.add("Leaves: " + leaving);
		}
		if (!waiting.isEmpty()) {
			hints.add("Waits for its DNS record and does not hold the others back: " + waiting);
		}
		return task("domains", "Your mail domains",
				hints.isEmpty() ? names(partner.domains()) : String.join(". ", hints),
				answers.answered().contains("domains"));
	}

	private static String names(List<Domain> domains) {
		return domains.stream().map((domain) -> domain.name().display()).collect(Collectors.joining(", "));
	}

	private static String sending(Answers answers) {
		if (answers.platforms().isEmpty()) {
			return "What your servers are, so that we can show you the right recipe";
		}
		return "From "
				+ answers.platforms().stream().map(MailPlatform::displayName).collect(Collectors.joining(" and "));
	}

	private static Task setup(Answers answers) {
		if (answers.platforms().isEmpty()) {
			return new Task("setup", "Set up your server", "After “How you send mail”", null, "Cannot start yet",
					"idle");
		}
		Answers.Setup setup = answers.setup();
		boolean done = setup == Answers.Setup.BOTH || setup == Answers.Setup.PARTLY;
		return task("setup", "Set up your server", done
				? String.valueOf(setup).equals("BOTH") ? "Both directions are set up" : "One direction has a gap"
				: "A recipe for " + answers.platforms().getFirst().displayName() + ", both directions, ready to copy",
				done);
	}

	private static Task testMessage(List<org.partnertls.onboarding.Proof> proofs) {
		if (proofs.isEmpty()) {
			return task("test", "Send us a test message", "To an address made for you; we read the proof on our side",
					false);
		}
		org.partnertls.onboarding.Proof latest = proofs.stream()
			.filter(org.partnertls.onboarding.Proof::proves)
			.findFirst()
			.orElse(proofs.getFirst());
		// Pasted headers prove nothing, but whoever cannot send to us must not be stuck:
		// our
		// staff find the message, and rejecting waits until they have.
		boolean pasted = latest.source() == org.partnertls.onboarding.Proof.Source.PARTNER;
		return task("test", "Send us a test message",
				pasted ? "Headers pasted, unverified; our staff look for the message" : latest.sentence(),
				latest.proves() || pasted);
	}

	private static Task task(String key, String title, String hint, boolean done) {
		return new Task(key, title, hint, "/tasks/" + key, done ? "Done" : "To do", done ? "good" : "wait");
	}

	/**
	 * A task.
	 *
	 * @param key its name in addresses
	 * @param title what to do
	 * @param hint what is known of it
	 * @param url its page; null while it cannot start
	 * @param state a word
	 * @param tone how the word is coloured
	 */
	record Task(String key, String title, String hint, @Nullable String url, String state, String tone) {

		boolean done() {
			return this.tone.equals("good");
		}

		Task returned() {
			return new Task(this.key, this.title, this.hint, this.url, "Please look again", "wait");
		}

	}

	/** For a test message that has to be recent. */
	static boolean isFresh(Instant at, Instant now, java.time.Duration fresh) {
		return at.plus(fresh).isAfter(now);
	}

}
