package org.partnertls.connector;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.persistence.LockModeType;

import org.springframework.data.domain.Page;
import org.springframework.data.domain.Pageable;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface OwnConnectors extends Repository<OwnConnector, UUID> {

	OwnConnector save(OwnConnector connector);

	void delete(OwnConnector connector);

	Optional<OwnConnector> findByPartnerIdAndDirectionAndTenantId(UUID partnerId, Direction direction, String tenantId);

	List<OwnConnector> findByPartnerIdAndTenantId(UUID partnerId, String tenantId);

	@Lock(LockModeType.PESSIMISTIC_WRITE)
	@Query("from OwnConnector where partnerId = :partnerId and direction = :direction and tenantId = :tenantId")
	Optional<OwnConnector> lock(UUID partnerId, Direction direction, String tenantId);

	@Query("from OwnConnector where tenantId = :tenantId order by partnerName, partnerId, direction desc")
	Page<OwnConnector> page(String tenantId, Pageable pageable);

}
