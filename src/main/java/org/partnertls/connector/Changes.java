package org.partnertls.connector;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.persistence.LockModeType;

import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface Changes extends Repository<ConnectorChange, UUID> {

	ConnectorChange save(ConnectorChange change);

	Optional<ConnectorChange> findById(UUID id);

	@Lock(LockModeType.PESSIMISTIC_WRITE)
	@Query("from ConnectorChange where id = :id")
	Optional<ConnectorChange> lock(UUID id);

	Optional<ConnectorChange> findFirstByPartnerIdOrderByProposedAtDescIdDesc(UUID partnerId);

	Optional<ConnectorChange> findFirstByAttestationIdOrderByProposedAtDescIdDesc(UUID attestationId);

	@Query("""
			select id from ConnectorChange
			where partnerId = :partnerId and state not in (DONE, VOID) order by proposedAt desc, id desc""")
	List<UUID> open(UUID partnerId);

	@Query("""
			select c.id from ConnectorChange c
			where c.tenantId = :tenantId and c.dueAt <= :now
			and not exists (select 1 from Relief r where r.partnerId = c.partnerId and r.state <> ENDED)
			order by c.dueAt, c.id limit 500""")
	List<UUID> due(String tenantId, Instant now);

	@Query("""
			from ConnectorChange where tenantId = :tenantId and state in (PLANNED, NEEDS_ATTENTION, APPROVED, PUSHING)
			order by proposedAt desc, id desc limit 50""")
	List<ConnectorChange> current(String tenantId);

	@Query("""
			select count(*) > 0 from ConnectorChange
			where attestationId = :attestationId and approvedAt is not null""")
	boolean approvedBefore(UUID attestationId);

	@Query("select count(*) from ConnectorChange where tenantId = :tenantId and startedAt > :since")
	long startedSince(String tenantId, Instant since);

}
