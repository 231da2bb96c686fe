package org.partnertls.connector;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Ids;

/**
 * A connector that we made, as it was last seen.
 */
@Entity
@Table(name = "connector")
class OwnConnector {

	@Id
	private UUID id;

	@Version
	private long version;

	private UUID partnerId;

	private String partnerName;

	private String tenantId;

	@Enumerated(EnumType.STRING)
	private Direction direction;

	private String guid;

	private String name;

	private String form;

	private boolean validated;

	private @Nullable Instant enforcedSince;

	private Instant seenAt;

	protected OwnConnector() {
	}

	OwnConnector(UUID partnerId, String partnerName, String tenantId, Tenant.Seen seen, Instant now) {
		this.id = Ids.at(now);
		this.partnerId = partnerId;
		this.tenantId = tenantId;
		this.direction = seen.direction();
		see(partnerName, seen, now);
	}

	/** It was seen, and looks like this. */
	final void see(String partner, Tenant.Seen seen, Instant now) {
		this.partnerName = partner;
		this.guid = seen.guid();
		this.name = seen.name();
		this.form = Json.write(seen.form());
		this.seenAt = now;
		if (seen.outbound() != null) {
			this.validated = seen.isValidated();
		}
		if (!Plan.isEnforcing(this.direction, seen.form())) {
			this.enforcedSince = null;
		}
		else if (this.enforcedSince == null) {
			this.enforcedSince = now;
		}
	}

	/** It shall look like this, and has not been seen so. */
	void shallBe(Form wanted) {
		this.form = Json.write(wanted);
	}

	long version() {
		return this.version;
	}

	UUID id() {
		return this.id;
	}

	UUID partnerId() {
		return this.partnerId;
	}

	String tenantId() {
		return this.tenantId;
	}

	String partnerName() {
		return this.partnerName;
	}

	Direction direction() {
		return this.direction;
	}

	String guid() {
		return this.guid;
	}

	String name() {
		return this.name;
	}

	Form form() {
		return Json.read(this.form, Form.class);
	}

	@Nullable Instant enforcedSince() {
		return this.enforcedSince;
	}

	Instant seenAt() {
		return this.seenAt;
	}

}
