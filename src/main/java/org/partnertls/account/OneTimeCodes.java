package org.partnertls.account;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

import jakarta.persistence.LockModeType;

import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface OneTimeCodes extends Repository<OneTimeCode, UUID> {

	OneTimeCode save(OneTimeCode code);

	Optional<OneTimeCode> findById(UUID id);

	// Locked, so that guesses in parallel are counted one by one.
	@Lock(LockModeType.PESSIMISTIC_WRITE)
	@Query("from OneTimeCode where browser = :browser and purpose = :purpose order by askedAt desc limit 1")
	Optional<OneTimeCode> findByBrowser(String browser, Codes.Purpose purpose);

	// The newest of them: two pages may, by chance, show one number.
	@Lock(LockModeType.PESSIMISTIC_WRITE)
	@Query("""
			from OneTimeCode where addressKey = :addressKey and windowNumber = :number and purpose = :purpose
			order by askedAt desc limit 1""")
	Optional<OneTimeCode> findByWindow(String addressKey, String number, Codes.Purpose purpose);

	int countByAddressKeyAndAskedAtAfter(String addressKey, Instant since);

	int countByAskedFromAndAskedAtAfter(String askedFrom, Instant since);

	@Modifying
	@Query("delete from OneTimeCode where askedAt < :before")
	int deleteOlderThan(Instant before);

}
