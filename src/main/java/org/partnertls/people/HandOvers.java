package org.partnertls.people;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.persistence.LockModeType;

import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface HandOvers extends Repository<HandOver, UUID> {

	HandOver save(HandOver handOver);

	/** For a change: others wait until this transaction has ended. */
	@Lock(LockModeType.PESSIMISTIC_WRITE)
	@Query("from HandOver where id = :id")
	Optional<HandOver> findForChange(UUID id);

	@Query("from HandOver where partnerId = :partnerId and state = WAITING order by askedAt, id")
	List<HandOver> findWaiting(UUID partnerId);

	@Query("from HandOver where partnerId = :partnerId and state in (ASKED, WAITING)")
	List<HandOver> findOpen(UUID partnerId);

	@Query("from HandOver where partnerId = :partnerId")
	List<HandOver> findByPartnerId(UUID partnerId);

	@Query("""
			select id from HandOver where state = WAITING and askedBy = COLLEAGUE and dueAt <= :now
			order by dueAt, id limit 200""")
	List<UUID> findDue(Instant now);

	@Modifying
	@Query("delete from HandOver where state = ASKED and askedAt < :before")
	int deleteUnconfirmed(Instant before);

}
