package org.partnertls.partner;

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

}
