package org.partnertls.onboarding;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Slice;
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

	/** What a partner's connectors rest on. */
	@Query("from Attestation where partnerId = :partnerId and state = APPROVED order by decidedAt desc limit 1")
	Optional<Attestation> findInForce(UUID partnerId);

	@Query("from Attestation where partnerId = :partnerId order by openedAt desc, id desc limit 100")
	List<Attestation> findOfPartner(UUID partnerId);

	/** Those that partners have before them, after the first. */
	@Query("from Attestation where state in (OPEN, RETURNED) and kind <> FIRST order by openedAt limit 200")
	List<Attestation> findWithPartners();

	/**
	 * Whether a difference was proposed already, since the servers were approved last.
	 */
	@Query("""
			select count(*) > 0 from Attestation
			where partnerId = :partnerId and difference = :difference and openedAt >= :since""")
	boolean isProposed(UUID partnerId, String difference, Instant since);

	@Query("from Attestation where partnerId = :partnerId")
	List<Attestation> findAllOf(UUID partnerId);

	@Query("from Attestation where state = SUBMITTED order by submittedAt")
	List<Attestation> findWaiting();

	/** All but the first passes that have not come to us yet. */
	@Query("from Attestation where state <> OPEN or kind <> FIRST order by openedAt desc, id desc")
	Slice<Attestation> findSeen(Pageable page);

	@Query("from Attestation where state in (APPROVED, REJECTED, RETURNED, WITHDRAWN) order by changedAt desc limit 50")
	List<Attestation> findLookedAt();

	/** When the first was opened whose test messages may still come. */
	@Query("""
			select min(openedAt) from Attestation
			where state in (OPEN, SUBMITTED, RETURNED) or openedAt > :since and state not in (REJECTED, WITHDRAWN)""")
	Optional<Instant> earliestOpened(Instant since);

	/** The newest, whose test messages may still come. */
	@Query("""
			from Attestation
			where state in (OPEN, SUBMITTED, RETURNED) or openedAt > :since and state not in (REJECTED, WITHDRAWN)
			order by openedAt desc limit 500""")
	List<Attestation> findAwaitingMessages(Instant since);

}
