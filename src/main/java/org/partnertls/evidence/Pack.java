package org.partnertls.evidence;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * An evidence pack: what can be shown about partners at a time, each claim with whose
 * word it is and since when. Made from the history alone.
 *
 * @param organisation our name
 * @param at of which time it speaks
 * @param madeAt when it was made
 * @param checkpoint the newest signed statement of the history when it was made; null
 * where nothing is signed
 * @param scope what the word enforced covers, and what not
 * @param partners the partners
 * @param exceptions those of domains that no partner has; of a pack for all only
 * @param coverage how much of our mail goes to enforced partners; of a pack for all only,
 * and null where nothing is counted
 */
record Pack(String organisation, Instant at, Instant madeAt, @Nullable String checkpoint, List<String> scope,
		List<OfPartner> partners, List<Exemption> exceptions, @Nullable Coverage coverage) {

	/** The same, resting on another checkpoint. */
	Pack sealedBy(@Nullable String note) {
		return new Pack(this.organisation, this.at, this.madeAt, note, this.scope, this.partners, this.exceptions,
				this.coverage);
	}

	/**
	 * One partner.
	 *
	 * @param id its id
	 * @param name its name at that time
	 * @param reference the reference of its invitation
	 * @param state where the partnership stood
	 * @param owner who of us answered for it
	 * @param domains its mail domains
	 * @param ways both directions
	 * @param confirmed what the partner's person confirmed
	 * @param approved who approved it since
	 * @param provenAt when both directions were last proven
	 * @param nextDue when both sides prove again
	 * @param overdue whether that had passed
	 * @param findings what was found about its mail servers, and what failed
	 * @param exceptions what is not as it should be, and who accepted that
	 */
	record OfPartner(UUID id, String name, String reference, String state, String owner, List<Claim> domains,
			List<Way> ways, List<Claim> confirmed, List<Claim> approved, @Nullable Instant provenAt,
			@Nullable Instant nextDue, boolean overdue, List<Claim> findings, List<Exemption> exceptions) {
	}

	/**
	 * One direction.
	 *
	 * @param direction OUTBOUND or INBOUND
	 * @param words the direction in words
	 * @param on whether clear text did not pass
	 * @param since since when without a gap; null when it passes
	 * @param sentence what is so, in a sentence
	 * @param domains for which domains
	 * @param proof how it was proven
	 */
	record Way(String direction, String words, boolean on, @Nullable Instant since, String sentence,
			List<String> domains, @Nullable Claim proof) {
	}

	/**
	 * Something that we say.
	 *
	 * @param basis on whose word
	 * @param sentence what
	 * @param by who said or did it; may be empty
	 * @param at when
	 * @param event the event that says so
	 */
	record Claim(Basis basis, String sentence, String by, Instant at, UUID event) {
	}

	/**
	 * Something that is not as it should be.
	 *
	 * @param partnerId whose; null: of a domain that no partner has
	 * @param partner whose, by name, or the domain
	 * @param what what
	 * @param owner who looks after it; may be empty
	 * @param reason why
	 * @param acceptedBy who accepted it; may be empty
	 * @param until when it ends; empty: nobody said
	 * @param over whether that time has passed
	 * @param since since when
	 * @param event the event that says so
	 * @param entry the entry in the register made by hand; null: it was not made there
	 */
	record Exemption(@Nullable UUID partnerId, String partner, String what, String owner, String reason,
			String acceptedBy, String until, boolean over, Instant since, UUID event, @Nullable UUID entry) {

		/**
		 * Its last day, of what is a day or a moment in UTC; null where none is named.
		 */
		public @Nullable LocalDate lastDay() {
			return this.until.isEmpty() ? null : LocalDate.parse(this.until.substring(0, 10));
		}

	}

	/** On whose word something is said. */
	enum Basis {

		/** The partner says so. */
		STATED("Stated by the partner"),
		/** We looked and saw it. */
		SEEN("Seen by us"),
		/** It stands in our platform and does not hold for all mail, or not yet. */
		SET("Set in our platform"),
		/** Our platform makes it so. */
		ENFORCED("Enforced by our platform");

		private final String words;

		Basis(String words) {
			this.words = words;
		}

		public String words() {
			return this.words;
		}

	}

}
