package org.partnertls.connector;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.persistence.LockModeType;

import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface Reliefs extends Repository<Relief, UUID> {

	Relief save(Relief relief);

	@Lock(LockModeType.PESSIMISTIC_WRITE)
	@Query("from Relief where id = :id")
	Optional<Relief> lock(UUID id);

	@Query("from Relief where partnerId = :partnerId and state <> ENDED order by wantedAt, id")
	List<Relief> open(UUID partnerId);

	@Query("select id from Relief where tenantId = :tenantId and dueAt <= :now order by wantedAt desc, id desc")
	List<UUID> due(String tenantId, Instant now);

}
