package org.partnertls.connector;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.persistence.LockModeType;

import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.NativeQuery;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface Changes extends Repository<ConnectorChange, UUID> {

	ConnectorChange save(ConnectorChange change);

	Optional<ConnectorChange> findById(UUID id);

	List<ConnectorChange> findAllByIdIn(Collection<UUID> ids);

	@Lock(LockModeType.PESSIMISTIC_WRITE)
	@Query("from ConnectorChange where id = :id")
	Optional<ConnectorChange> lock(UUID id);

	Optional<ConnectorChange> findFirstByPartnerIdOrderByProposedAtDescIdDesc(UUID partnerId);

	Optional<ConnectorChange> findFirstByAttestationIdOrderByProposedAtDescIdDesc(UUID attestationId);

	@Query("""
			select id from ConnectorChange
			where partnerId = :partnerId and state not in (DONE, VOID) order by proposedAt desc, id desc""")
	List<UUID> open(UUID partnerId);

	/** What has begun and can go on. */
	@Query("""
			select c.id from ConnectorChange c
			where c.tenantId = :tenantId and c.dueAt <= :now and c.state <> APPROVED
			and not exists (select 1 from Relief r where r.partnerId = c.partnerId and r.state <> ENDED)
			order by c.dueAt, c.id limit 500""")
	List<UUID> due(String tenantId, Instant now);

	/** What has not begun. */
	@Query("""
			select c.id from ConnectorChange c
			where c.tenantId = :tenantId and c.dueAt <= :now and c.state = APPROVED
			and not exists (select 1 from Relief r where r.partnerId = c.partnerId and r.state <> ENDED)
			order by c.dueAt, c.id limit :most""")
	List<UUID> beginning(String tenantId, Instant now, int most);

	@Query("""
			select count(*) from ConnectorChange c
			where c.tenantId = :tenantId and c.dueAt <= :now and c.state = APPROVED
			and not exists (select 1 from Relief r where r.partnerId = c.partnerId and r.state <> ENDED)""")
	long waiting(String tenantId, Instant now);

	/** What only has to be looked at, or put back, while nothing may be written. */
	@Query(nativeQuery = true, value = """
			select c.id from connector_change c
			where c.tenant_id = :tenantId and c.due_at <= :now and c.state in ('PUSHING', 'PROVING')
			and not exists (select from connector_relief r where r.partner_id = c.partner_id and r.state <> 'ENDED')
			and exists (select from push_step s where s.change_id = c.id and s.state in ('WAITING', 'RUNNING')
				and (s.not_before is null or s.not_before <= :now)
				and (s.kind = 'OUTBOUND_UNDO' or (s.kind like '%READ_BACK' and not exists (
					select from push_step p where p.change_id = c.id and p.seq < s.seq and p.state <> 'DONE'
					and left(p.kind, 3) = left(s.kind, 3)))))
			order by c.due_at, c.id limit 500""")
	List<UUID> dueForALook(String tenantId, Instant now);

	/** What was approved last, and neither came to nothing nor was undone. */
	@Query("""
			from ConnectorChange c where c.partnerId = :partnerId and c.tenantId = :tenantId
			and c.approvedAt is not null and c.state <> VOID
			and not exists (select 1 from c.steps s where s.kind = OUTBOUND_UNDO)
			order by c.approvedAt desc, c.id desc limit 1""")
	Optional<ConnectorChange> lastApproved(UUID partnerId, String tenantId);

	/** What began last, whatever became of it. */
	@Query("""
			from ConnectorChange where partnerId = :partnerId and tenantId = :tenantId
			and approvedAt is not null and startedAt is not null
			order by approvedAt desc, id desc limit 1""")
	Optional<ConnectorChange> lastStarted(UUID partnerId, String tenantId);

	@Query("""
			from ConnectorChange where partnerId = :partnerId and startedAt is not null and state not in (DONE, VOID)
			order by startedAt desc, id desc limit 1""")
	Optional<ConnectorChange> underWay(UUID partnerId);

	@Query("from ConnectorChange where partnerId = :partnerId order by proposedAt desc, id desc limit 50")
	List<ConnectorChange> ofPartner(UUID partnerId);

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

	@Query("from ConnectorChange where partnerId = :partnerId and state in (DONE, VOID)")
	List<ConnectorChange> closed(UUID partnerId);

	@Modifying
	@NativeQuery("""
			update connector_change set plan = regexp_replace(plan, :words, :other, 'gi')
			where partner_id = :partnerId and state in ('DONE', 'VOID')""")
	void reducePlans(UUID partnerId, String words, String other);

	@Modifying
	@NativeQuery("""
			update push_step set title = regexp_replace(title, :words, :other, 'gi'),
				detail = regexp_replace(detail, :words, :other, 'gi')
			where change_id in (
				select id from connector_change where partner_id = :partnerId and state in ('DONE', 'VOID'))""")
	void reduceSteps(UUID partnerId, String words, String other);

	@Modifying
	@NativeQuery("""
			update connector_validation set tasks = regexp_replace(tasks, :words, :other, 'gi')
			where partner_id = :partnerId""")
	void reduceValidations(UUID partnerId, String words, String other);

}
