package org.partnertls.onboarding;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface Attestations extends Repository<Attestation, UUID> {

	Attestation save(Attestation attestation);

	Optional<Attestation> findById(UUID id);

	/** A partner's pass by id: a foreign one is not found. */
	Optional<Attestation> findByIdAndPartnerId(UUID id, UUID partnerId);

	Optional<Attestation> findByNonce(String nonce);

	@Query("from Attestation where partnerId = :partnerId order by openedAt desc limit 1")
	Optional<Attestation> findLatest(UUID partnerId);

	@Query("from Attestation where partnerId = :partnerId")
	List<Attestation> findAllOf(UUID partnerId);

	@Query("from Attestation where state = SUBMITTED order by submittedAt")
	List<Attestation> findWaiting();

	@Query("from Attestation where state in (APPROVED, REJECTED, RETURNED) order by changedAt desc limit 50")
	List<Attestation> findLookedAt();

	@Query("select min(openedAt) from Attestation where openedAt > :since and state <> REJECTED")
	Optional<Instant> earliestOpened(Instant since);

	/** The newest, whose test messages may still come. */
	@Query("from Attestation where openedAt > :since and state <> REJECTED order by openedAt desc limit 500")
	List<Attestation> findOpenedSince(Instant since);

}
