package org.partnertls.connector;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.springframework.data.domain.Page;
import org.springframework.data.domain.Pageable;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface OwnConnectors extends Repository<OwnConnector, UUID> {

	OwnConnector save(OwnConnector connector);

	void delete(OwnConnector connector);

	Optional<OwnConnector> findByPartnerIdAndDirectionAndTenantId(UUID partnerId, Direction direction, String tenantId);

	List<OwnConnector> findByPartnerIdAndTenantId(UUID partnerId, String tenantId);

	@Query("from OwnConnector where tenantId = :tenantId order by partnerName, partnerId, direction desc")
	Page<OwnConnector> page(String tenantId, Pageable pageable);

}
