package org.partnertls.onboarding;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.partnertls.connector.TlsLevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class AttestationTests {

	private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

	private final UUID inviter = UUID.randomUUID();

	private final Attestation attestation = new Attestation(UUID.randomUUID(), Attestation.Kind.FIRST, "nonce",
			this.inviter, "Tomás Rey", NOW);

	@Test
	void goesOnlyTheWaysThatTheReadmeNames() {
		List<String> ways = new ArrayList<>();
		for (Attestation.State from : Attestation.State.values()) {
			for (Attestation.State to : Attestation.State.values()) {
				try {
					from.to(to);
					ways.add(from + " → " + to);
				}
				catch (IllegalStateException ex) {
					assertThat(ex).hasMessageContaining(from.name()).hasMessageContaining(to.name());
				}
			}
		}
		assertThat(ways).containsExactly("OPEN → SUBMITTED", "OPEN → WITHDRAWN", "SUBMITTED → APPROVED",
				"SUBMITTED → RETURNED", "SUBMITTED → REJECTED", "SUBMITTED → WITHDRAWN", "RETURNED → SUBMITTED",
				"RETURNED → WITHDRAWN");
	}

	@Test
	void keepsAnswersUntilItIsHandedInAndFreezesThemThen() {
		this.attestation.answer(Answers.NONE.withReceivingSeen(), "Greta Hahn", "looked", NOW);
		this.attestation.submit(confirmation(), "Greta Hahn", NOW);

		assertThat(this.attestation.answers().receivingSeen()).isTrue();
		assertThatIllegalStateException()
			.isThrownBy(() -> this.attestation.answer(Answers.NONE, "Greta Hahn", "changed", NOW));
	}

	@Test
	void opensAgainWithTheCommentAndLosesTheConfirmationAtTheNextAnswer() {
		this.attestation.submit(confirmation(), "Greta Hahn", NOW);
		this.attestation.giveBack("mx2 is missing", "receiving", "Amina Okafor", NOW);

		assertThat(this.attestation.isEditable()).isTrue();
		assertThat(this.attestation.comment()).isEqualTo("mx2 is missing");

		this.attestation.answer(this.attestation.answers().withSetup(Answers.Setup.BOTH), "Greta Hahn", "set up", NOW);

		assertThat(this.attestation.answers().confirmation()).isNull();
	}

	@Test
	void isShapedByWhoeverInvitedUntilAReviewerEdits() {
		assertThat(this.attestation.shapedBy()).isEqualTo(this.inviter);
		this.attestation.submit(confirmation(), "Greta Hahn", NOW);
		UUID reviewer = UUID.randomUUID();

		this.attestation.choose(TlsLevel.ENCRYPTION_ONLY, null, Choices.USUAL, reviewer, "Amina Okafor", NOW);

		assertThat(this.attestation.shapedBy()).isEqualTo(reviewer);
	}

	@Test
	void isNotShapedByReturning() {
		this.attestation.submit(confirmation(), "Greta Hahn", NOW);
		this.attestation.giveBack("once more", "contacts", "Amina Okafor", NOW);

		assertThat(this.attestation.shapedBy()).isEqualTo(this.inviter);
	}

	@Test
	void survivesTheDatabaseAsJson() {
		Answers answers = Answers.NONE.withReceivingSeen()
			.withSending(List.of(MailPlatform.POSTFIX, MailPlatform.OTHER), "a newsletter “service”",
					List.of("192.0.2.0/24"), "*.example.com")
			.withSetup(Answers.Setup.PARTLY)
			.confirmed(confirmation());
		StoredAnswers stored = new StoredAnswers();

		assertThat(stored.convertToEntityAttribute(stored.convertToDatabaseColumn(answers))).isEqualTo(answers);
	}

	private static Answers.Confirmation confirmation() {
		return new Answers.Confirmation("Greta Hahn", "Mail administrator",
				new Answers.Statement(Answers.Choice.YES, null, null, null),
				new Answers.Statement(Answers.Choice.NOT_YET, "next month", "Greta Hahn",
						java.time.LocalDate.parse("2027-01-31")),
				NOW);
	}

}
