package org.partnertls.evidence;

import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.persistence.LockModeType;

import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface RegisterEntries extends Repository<RegisterEntry, UUID> {

	RegisterEntry save(RegisterEntry entry);

	@Lock(LockModeType.PESSIMISTIC_WRITE)
	@Query("from RegisterEntry where id = :id")
	Optional<RegisterEntry> lock(UUID id);

	@Query("from RegisterEntry where state <> ENDED order by endsOn, id")
	List<RegisterEntry> living();

	@Query("select id from RegisterEntry where state <> ENDED and told <> OVER and endsOn < :before")
	List<UUID> ending(LocalDate before);

	@Query("select domain from RegisterEntry where state = ACCEPTED and domain is not null and endsOn >= :today")
	List<String> domains(LocalDate today);

}
