package org.partnertls.alarm;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.springframework.data.domain.Limit;
import org.springframework.data.repository.Repository;

interface Deliveries extends Repository<Delivery, UUID> {

	Delivery save(Delivery delivery);

	Optional<Delivery> findById(UUID id);

	List<Delivery> findByAlarmIdOrderByIdDesc(UUID alarmId);

	List<Delivery> findByHookOrderByCreatedAtDesc(String hook, Limit most);

}
