package org.partnertls.onboarding;

import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/**
 * Not there, or not for this person: the two look alike.
 */
class NotFound extends ResponseStatusException {

	private static final long serialVersionUID = 1L;

	NotFound() {
		super(HttpStatus.NOT_FOUND);
	}

}
