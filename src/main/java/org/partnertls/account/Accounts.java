package org.partnertls.account;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface Accounts extends Repository<Account, UUID> {

	Account save(Account account);

	Optional<Account> findById(UUID id);

	Optional<Account> findByIssuerAndSubject(String issuer, String subject);

	/** One for each partner for which the address signs in. */
	@Query("from Account where kind = PARTNER and addressKey = :addressKey and endedAt is null order by createdAt, id")
	List<Account> findLiving(String addressKey);

	@Query("""
			from Account where kind = PARTNER and addressKey = :addressKey and endedAt is not null
			order by endedAt desc, id""")
	List<Account> findEnded(String addressKey);

	@Query("""
			from Account where kind = PARTNER and addressKey = :addressKey and partnerId = :partnerId
				and endedAt is null""")
	Optional<Account> findLiving(String addressKey, UUID partnerId);

	@Query("""
			select addressKey from Account where kind = PARTNER and endedAt is null and roles = 'PARTNER'
				and addressKey in :addressKeys""")
	Set<String> findConfirming(Collection<String> addressKeys);

	@Query("from Account where kind = PARTNER and partnerId = :partnerId and endedAt is null order by createdAt")
	List<Account> findLivingOfPartner(UUID partnerId);

	@Query("from Account where kind = PARTNER and partnerId = :partnerId")
	List<Account> findAllOfPartner(UUID partnerId);

	@Query("from Account where kind = STAFF and endedAt is null and roles like '%ADMIN%' order by name")
	List<Account> findAdmins();

}
