package org.partnertls.connector;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface Drifts extends Repository<Drift, UUID> {

	Drift save(Drift drift);

	@Query("from Drift where tenantId = :tenantId and endedAt is null order by foundAt desc, id desc")
	List<Drift> open(String tenantId);

	@Query("""
			from Drift where partnerId = :partnerId and tenantId = :tenantId and endedAt is null
			order by direction desc""")
	List<Drift> open(UUID partnerId, String tenantId);

	@Query("""
			from Drift where partnerId = :partnerId and direction = :direction and tenantId = :tenantId
			and endedAt is null""")
	Optional<Drift> open(UUID partnerId, Direction direction, String tenantId);

}
