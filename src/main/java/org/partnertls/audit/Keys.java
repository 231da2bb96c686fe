package org.partnertls.audit;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.OrganizationProperties;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * The keys of this history: the one that signs, and all whose signatures count.
 */
@Component
class Keys {

	private final String origin;

	private final @Nullable SigningKey signing;

	private final List<VerifierKey> verifying = new ArrayList<>();

	@Autowired
	Keys(AuditProperties properties, OrganizationProperties organization) {
		this(properties, organization.baseUrl().getAuthority() + "/history");
	}

	Keys(AuditProperties properties, String defaultOrigin) {
		String given = properties.origin();
		this.origin = (given == null || given.isBlank()) ? defaultOrigin : given;
		String key = properties.signingKey();
		this.signing = (key == null || key.isBlank()) ? null : SigningKey.of(this.origin, key);
		if (this.signing != null) {
			this.verifying.add(this.signing.verifier());
		}
		properties.earlierKeys().stream().map(VerifierKey::of).forEach(this.verifying::add);
	}

	String origin() {
		return this.origin;
	}

	/** Null: nothing is signed. */
	@Nullable SigningKey signing() {
		return this.signing;
	}

	List<VerifierKey> verifying() {
		return List.copyOf(this.verifying);
	}

	boolean signed(Checkpoint checkpoint) {
		return this.verifying.stream()
			.anyMatch((key) -> key.name().equals(checkpoint.origin()) && key.signed(checkpoint.note()));
	}

}
