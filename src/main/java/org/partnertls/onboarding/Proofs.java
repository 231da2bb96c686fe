package org.partnertls.onboarding;

import java.util.List;
import java.util.UUID;

import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface Proofs extends Repository<Proof, UUID> {

	Proof save(Proof proof);

	boolean existsByAttestationIdAndSourceAndMessageKey(UUID attestationId, Proof.Source source, String messageKey);

	/** Whoever reads the same message at the same time waits until this one is kept. */
	@Query(nativeQuery = true,
			value = "select count(*) from pg_advisory_xact_lock(hashtextextended('inbound_proof ' || :key, 0))")
	long oneAfterTheOther(String key);

	@Query("from Proof where attestationId = :attestationId order by seenAt desc limit 20")
	List<Proof> findLatest(UUID attestationId);

	@Query("from Proof where partnerId = :partnerId order by seenAt desc limit 20")
	List<Proof> findLatestOfPartner(UUID partnerId);

}
