package org.partnertls.partner;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.ResponseStatus;

/**
 * There is no such partner, or nothing of that id belongs to it: a page answers 404.
 */
@ResponseStatus(HttpStatus.NOT_FOUND)
public class UnknownPartner extends RuntimeException {

	private static final long serialVersionUID = 1L;

	UnknownPartner(Object id) {
		super("no partner, or nothing of a partner, has the id " + id);
	}

}
