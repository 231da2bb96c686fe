package org.partnertls.partner;

import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;

/**
 * Somebody at a partner. Replaced, never changed: a list of contacts is set as a whole.
 */
@Entity
class Contact {

	@Id
	private UUID id;

	private int position;

	private String name;

	private EmailAddress address;

	private @Nullable String phone;

	@Enumerated(EnumType.STRING)
	private ContactRole role;

	protected Contact() {
	}

	Contact(UUID id, int position, NewContact person) {
		this.id = id;
		this.position = position;
		this.name = person.name();
		this.address = person.address();
		this.phone = person.phone();
		this.role = person.role();
	}

	UUID id() {
		return this.id;
	}

	int position() {
		return this.position;
	}

	String name() {
		return this.name;
	}

	EmailAddress address() {
		return this.address;
	}

	@Nullable String phone() {
		return this.phone;
	}

	ContactRole role() {
		return this.role;
	}

}
