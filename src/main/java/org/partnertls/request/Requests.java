package org.partnertls.request;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.persistence.LockModeType;
import org.partnertls.organization.DomainName;

import org.springframework.data.domain.Limit;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Slice;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface Requests extends Repository<Request, UUID> {

	Request save(Request request);

	/** What staff may see: nothing that was never confirmed. */
	@Query("from Request where id = :id and confirmedAt is not null")
	Optional<Request> findConfirmed(UUID id);

	/** For a change: others wait until this transaction has ended. */
	@Lock(LockModeType.PESSIMISTIC_WRITE)
	@Query("from Request where id = :id")
	Optional<Request> findForChange(UUID id);

	@Query("from Request where reference = :reference and confirmedAt is not null")
	Optional<Request> findConfirmedByReference(String reference);

	@Query("from Request where domain = :domain and state = CONFIRMED")
	Optional<Request> findWaiting(DomainName domain);

	@Query("from Request where state = CONFIRMED order by confirmedAt, id")
	List<Request> findWaiting(Limit limit);

	List<Request> findByPartnerId(UUID partnerId);

	@Query("select count(r) from Request r where r.state = CONFIRMED")
	int countWaiting();

	@Query("from Request where state in (ACCEPTED, REJECTED) order by decidedAt desc, id desc")
	Slice<Request> findDecided(Pageable page);

	@Modifying
	@Query("delete from Request where state = ASKED and askedAt < :before")
	int deleteUnconfirmed(Instant before);

	@Query(nativeQuery = true, value = "select nextval('request_reference')")
	long nextReference();

	// The second of two who confirm one domain at the same time waits, looks and is told.
	@Query(nativeQuery = true,
			value = "select count(*) from pg_advisory_xact_lock(hashtextextended('request ' || :domain, 0))")
	long lockDomain(String domain);

}
