package org.partnertls.onboarding;

import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * What a partner has answered so far. Contacts and domains stand with the partner itself;
 * checks and test messages in tables of their own.
 *
 * @param receivingSeen whether the partner has looked at the check of their servers
 * @param platforms what they send with; empty until answered
 * @param otherSenders services that send in their name, in their words
 * @param ipRanges fixed IPv4 addresses or networks that they send from; may be empty
 * @param certificateName the name in the certificate that they send with, if fixed
 * @param setup how far the recipe is done; null until answered
 * @param confirmation what they confirmed; null until submitted
 * @param retiring ids of domains that shall leave the connectors
 * @param answered the tasks that were answered in this pass, where it is about some of
 * them
 */
record Answers(boolean receivingSeen, List<MailPlatform> platforms, @Nullable String otherSenders,
		List<String> ipRanges, @Nullable String certificateName, @Nullable Setup setup,
		@Nullable Confirmation confirmation, List<UUID> retiring, List<String> answered) {

	static final Answers NONE = new Answers(false, List.of(), null, List.of(), null, null, null, List.of(), List.of());

	Answers {
		platforms = List.copyOf(platforms);
		ipRanges = List.copyOf(ipRanges);
		// Answers from before there were passes after the first have none.
		retiring = (retiring != null) ? List.copyOf(retiring) : List.of();
		answered = (answered != null) ? List.copyOf(answered) : List.of();
	}

	/** What the next pass begins with: all but the confirmation. */
	Answers again() {
		return new Answers(true, this.platforms, this.otherSenders, this.ipRanges, this.certificateName, this.setup,
				null, List.of(), List.of());
	}

	/** This task was looked at in this pass. */
	Answers answered(String task) {
		List<String> more = new ArrayList<>(this.answered);
		if (!more.contains(task)) {
			more.add(task);
		}
		return new Answers(this.receivingSeen, this.platforms, this.otherSenders, this.ipRanges, this.certificateName,
				this.setup, this.confirmation, this.retiring, more);
	}

	/** A domain shall leave the connectors, or stay after all. */
	Answers retiring(UUID domain, boolean leaves) {
		List<UUID> ids = new ArrayList<>(this.retiring);
		ids.remove(domain);
		if (leaves) {
			ids.add(domain);
		}
		return new Answers(this.receivingSeen, this.platforms, this.otherSenders, this.ipRanges, this.certificateName,
				this.setup, null, ids, this.answered);
	}

	Answers withReceivingSeen() {
		return new Answers(true, this.platforms, this.otherSenders, this.ipRanges, this.certificateName, this.setup,
				null, this.retiring, this.answered)
			.answered("receiving");
	}

	Answers withSending(List<MailPlatform> how, @Nullable String others, List<String> ranges,
			@Nullable String certificate) {
		return new Answers(this.receivingSeen, how, others, ranges, certificate, this.setup, null, this.retiring,
				this.answered)
			.answered("sending");
	}

	Answers withSetup(Setup done) {
		return new Answers(this.receivingSeen, this.platforms, this.otherSenders, this.ipRanges, this.certificateName,
				done, null, this.retiring, this.answered)
			.answered("setup");
	}

	Answers confirmed(Confirmation by) {
		return new Answers(this.receivingSeen, this.platforms, this.otherSenders, this.ipRanges, this.certificateName,
				this.setup, by, this.retiring, this.answered);
	}

	/** What still helps when the same is asked again: how mail is sent. */
	Answers forAnotherTime() {
		return new Answers(false, this.platforms, this.otherSenders, this.ipRanges, this.certificateName, null, null,
				List.of(), List.of());
	}

	/** The same, stated by nobody in particular. */
	Answers withoutNames() {
		return (this.confirmation == null) ? this
				: new Answers(this.receivingSeen, this.platforms, this.otherSenders, this.ipRanges,
						this.certificateName, this.setup, this.confirmation.withoutNames(), this.retiring,
						this.answered);
	}

	/** How far the recipe is done. */
	enum Setup {

		/** Both directions are set up. */
		BOTH("Both directions are set up"),
		/** One of them cannot be done on the partner's platform. */
		PARTLY("One of them is not possible on our platform"),
		/** Not yet. */
		LATER("I will come back to this");

		private final String words;

		Setup(String words) {
			this.words = words;
		}

		public String words() {
			return this.words;
		}

	}

	/**
	 * What a named person confirms to the best of their knowledge about their own server.
	 *
	 * @param name who confirms
	 * @param role as what
	 * @param toUs (a) it requires TLS toward us
	 * @param fromUs (b) it refuses clear text from us
	 * @param at when
	 */
	record Confirmation(String name, String role, Statement toUs, Statement fromUs, Instant at) {

		private Confirmation withoutNames() {
			return new Confirmation("Somebody of the partner", this.role, this.toUs.withoutNames(),
					this.fromUs.withoutNames(), this.at);
		}

		public boolean hasGaps() {
			return this.toUs.choice() != Choice.YES || this.fromUs.choice() != Choice.YES;
		}

	}

	/**
	 * One of the two statements.
	 *
	 * @param choice the answer
	 * @param reason why not, for a gap
	 * @param owner who looks after the gap
	 * @param until when the gap ends at the latest
	 */
	record Statement(Choice choice, @Nullable String reason, @Nullable String owner, @Nullable LocalDate until) {

		private Statement withoutNames() {
			return new Statement(this.choice, this.reason, (this.owner != null) ? "somebody" : null, this.until);
		}

	}

	/** How a statement is answered. */
	enum Choice {

		/** So it is. */
		YES("Yes"),
		/** The platform cannot do it. */
		NOT_POSSIBLE("Not possible on our platform"),
		/** It will be done. */
		NOT_YET("Not yet");

		private final String words;

		Choice(String words) {
			this.words = words;
		}

		public String words() {
			return this.words;
		}

	}

}
