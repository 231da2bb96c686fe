package org.partnertls.request;

import java.util.UUID;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.ResponseStatus;

/** There is no such request that staff may see: a page answers 404. */
@ResponseStatus(HttpStatus.NOT_FOUND)
class UnknownRequest extends RuntimeException {

	private static final long serialVersionUID = 1L;

	UnknownRequest(UUID id) {
		super("no request has the id " + id);
	}

}
