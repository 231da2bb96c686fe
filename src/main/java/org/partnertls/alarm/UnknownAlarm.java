package org.partnertls.alarm;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.ResponseStatus;

/** There is no such alarm. */
@ResponseStatus(HttpStatus.NOT_FOUND)
class UnknownAlarm extends RuntimeException {

	private static final long serialVersionUID = 1L;

}
