package org.partnertls.partner;

import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.Ids;

/**
 * Somebody at a partner.
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

	private @Nullable String addedBy;

	private @Nullable Instant since;

	private @Nullable Instant phoneSince;

	private @Nullable Instant leftAt;

	private @Nullable Instant returnedAt;

	private @Nullable String returnedWhy;

	protected Contact() {
	}

	Contact(int position, NewContact person, @Nullable String addedBy, Instant now) {
		this.id = Ids.at(now);
		this.position = position;
		this.name = person.name();
		this.address = person.address();
		this.phone = person.phone();
		this.role = person.role();
		this.addedBy = addedBy;
		this.since = now;
		this.phoneSince = (person.phone() != null) ? now : null;
	}

	/** Whether this is the person described, at the same address in the same role. */
	boolean is(NewContact person) {
		return this.role == person.role() && this.address.key().equals(person.address().key());
	}

	/** Takes over name, number and place in the list. */
	void become(int place, NewContact person, Instant now) {
		this.position = place;
		this.name = person.name();
		if (!Objects.equals(this.phone, person.phone())) {
			this.phone = person.phone();
			this.phoneSince = (person.phone() != null) ? now : null;
		}
	}

	/** They are not there any more; who they were stays in the list. */
	void leave(Instant now) {
		this.leftAt = now;
	}

	/** They are back. */
	void stay() {
		this.leftAt = null;
	}

	/** Mail to them came back for good. */
	void returned(String why, Instant now) {
		this.returnedAt = now;
		this.returnedWhy = why;
	}

	/** Mail to them arrives: they have read a code in it. */
	void reached() {
		this.returnedAt = null;
		this.returnedWhy = null;
	}

	void reduce(PartnerEvent.Pseudonym pseudonym) {
		this.name = pseudonym.name();
		this.address = pseudonym.address();
		this.phone = null;
		this.addedBy = null;
		this.returnedWhy = null;
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

	@Nullable String addedBy() {
		return this.addedBy;
	}

	@Nullable Instant since() {
		return this.since;
	}

	@Nullable Instant phoneSince() {
		return this.phoneSince;
	}

	@Nullable Instant leftAt() {
		return this.leftAt;
	}

	@Nullable Instant returnedAt() {
		return this.returnedAt;
	}

	@Nullable String returnedWhy() {
		return this.returnedWhy;
	}

}
