package org.partnertls.alarm;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface Alarms extends Repository<Alarm, UUID> {

	Alarm save(Alarm alarm);

	Optional<Alarm> findById(UUID id);

	@Query("select a from Alarm a where a.state <> org.partnertls.alarm.Alarm.State.CLOSED order by a.id")
	List<Alarm> findLiving();

	/** Newest first; null stands for any. */
	@Query("""
			select a from Alarm a where (:state is null or a.state = :state) and (:cause is null or a.cause = :cause)
				and (:partner is null or a.partnerId = :partner) and (:before is null or a.id < :before)
			order by a.id desc""")
	List<Alarm> find(Alarm.@Nullable State state, @Nullable Cause cause, @Nullable UUID partner, @Nullable UUID before,
			Limit most);

	@Query("select count(a) from Alarm a where a.state = :state")
	long count(Alarm.State state);

}
