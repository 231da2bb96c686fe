package org.partnertls.partner;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.persistence.LockModeType;
import org.partnertls.organization.DomainName;

import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface Partnerships extends Repository<Partnership, UUID> {

	Partnership save(Partnership partnership);

	Optional<Partnership> findById(UUID id);

	/** For a change: others wait until this transaction has ended. */
	@Lock(LockModeType.PESSIMISTIC_WRITE)
	@Query("from Partnership where id = :id")
	Optional<Partnership> findForChange(UUID id);

	Optional<Partnership> findByReference(String reference);

	@Query("from Partnership order by lower(name), id")
	List<Partnership> findAllByName();

	@Query(nativeQuery = true, value = """
			select p.id from partnership p
			where (:state = '' or p.state = :state)
				and (not :due or (p.state = 'ACTIVE' and p.next_due_at <= :dueBy))
				and (lower(p.name) like :words or lower(p.reference) like :words
					or exists (select from mail_domain d where d.partnership_id = p.id and d.name like :domain)
					or exists (select from contact c where c.partnership_id = p.id
						and (lower(c.name) like :words or lower(c.address) like :words)))
			order by lower(p.name), p.id
			limit :limit offset :offset""")
	List<UUID> search(String words, String domain, String state, boolean due, Instant dueBy, int limit, long offset);

	@Query("from Partnership where id in :ids order by lower(name), id")
	List<Partnership> findAllByIds(Collection<UUID> ids);

	@Query("select p from Partnership p join p.domains d where d.name = :domain and d.living = true")
	Optional<Partnership> findLivingByDomain(DomainName domain);

	@Query("select p from Partnership p join p.domains d where d.id = :domainId")
	Optional<Partnership> findByDomainId(UUID domainId);

	@Query("""
			select p.id as partnerId, p.name as partnerName, d.name as domain
			from Partnership p join p.domains d where d.living = true""")
	Collection<Held> findHeldDomains();

	@Query("select p.state as state, count(p) as count from Partnership p group by p.state")
	List<Count> countByState();

	@Query("select count(p) from Partnership p where p.state = ACTIVE and p.nextDueAt <= :due")
	int countDue(Instant due);

	@Query("select p.id from Partnership p where p.state = ACTIVE and p.nextDueAt is not null")
	List<UUID> findWithDueDate();

	@Query(nativeQuery = true, value = "select nextval('partner_reference')")
	long nextReference();

	// A lock by name until the transaction ends: the second of two who want one domain
	// waits, looks and is told, instead of failing at the unique index.
	@Query(nativeQuery = true,
			value = "select count(*) from pg_advisory_xact_lock(hashtextextended('mail-domain ' || :domain, 0))")
	long lockDomain(String domain);

	/** A domain that a living partner holds. */
	interface Held {

		UUID getPartnerId();

		String getPartnerName();

		DomainName getDomain();

	}

	/** How many partners are in a state. */
	interface Count {

		Partnership.State getState();

		long getCount();

	}

}
