package org.partnertls.partner;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.persistence.LockModeType;
import org.jspecify.annotations.Nullable;
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

	/** The last one that had a domain and is over. */
	@Query("""
			select p from Partnership p join p.domains d
			where d.name = :domain and d.living = false and p.state in (ENDED, EXPIRED, WITHDRAWN)
			order by p.endedAt desc, p.id desc limit 1""")
	Optional<Partnership> findFormerByDomain(DomainName domain);

	@Query("from Partnership where returnsFrom = :id order by invitedAt desc limit 1")
	Optional<Partnership> findByReturnsFrom(UUID id);

	@Query(nativeQuery = true, value = """
			select id from partnership
			where lower(owner_address) = :address and state in ('INVITED', 'ONBOARDING', 'ACTIVE', 'SUSPENDED')
			order by lower(name), id""")
	List<UUID> findLivingByOwner(String address);

	/** Those of them where it is marked that mail to the owner comes back. */
	@Query(nativeQuery = true, value = """
			select id from partnership
			where lower(owner_address) = :address and owner_returned_at is not null
				and state in ('INVITED', 'ONBOARDING', 'ACTIVE', 'SUSPENDED')
			order by id""")
	List<UUID> findReturnedByOwner(String address);

	@Query(nativeQuery = true, value = """
			select min(owner_name) as name, min(owner_address) as address, count(*) as count,
				min(owner_returned_at) as returnedAt, min(owner_returned_why) as returnedWhy from partnership
			where state in ('INVITED', 'ONBOARDING', 'ACTIVE', 'SUSPENDED')
			group by lower(owner_address) order by count(*) desc, lower(owner_address)""")
	List<OwnerCount> findOwners();

	@Query(nativeQuery = true, value = """
			select p.id from partnership p where p.state in ('INVITED', 'ONBOARDING', 'ACTIVE', 'SUSPENDED')
				and exists (select from contact c
					where c.partnership_id = p.id and c.left_at is null and lower(c.address) = :address)
			order by p.id""")
	List<UUID> findLivingByContact(String address);

	@Query("select id from Partnership where endedAt < :before and reducedAt is null order by endedAt, id limit 200")
	List<UUID> findToReduce(Instant before);

	@Query(nativeQuery = true, value = "select nextval('person_pseudonym')")
	long nextPseudonym();

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

	/** Who of us answers for how many. */
	interface OwnerCount {

		String getName();

		String getAddress();

		long getCount();

		@Nullable Instant getReturnedAt();

		@Nullable String getReturnedWhy();

	}

}
