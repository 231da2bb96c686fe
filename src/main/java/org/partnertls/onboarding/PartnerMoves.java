package org.partnertls.onboarding;

import java.util.Optional;
import java.util.UUID;

import jakarta.persistence.LockModeType;

import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface PartnerMoves extends Repository<PartnerMove, UUID> {

	PartnerMove save(PartnerMove move);

	Optional<PartnerMove> findById(UUID id);

	@Query("from PartnerMove where partnerId = :partnerId and state = WAITING")
	Optional<PartnerMove> findWaiting(UUID partnerId);

	/** For a change: others wait until this transaction has ended. */
	@Lock(LockModeType.PESSIMISTIC_WRITE)
	@Query("from PartnerMove where partnerId = :partnerId and state = WAITING")
	Optional<PartnerMove> lockWaiting(UUID partnerId);

	@Query("from PartnerMove where partnerId = :partnerId and state = DONE order by endedAt desc, id desc limit 1")
	Optional<PartnerMove> findLastDone(UUID partnerId);

}
