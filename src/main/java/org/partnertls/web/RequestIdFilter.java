package org.partnertls.web;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.HexFormat;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.slf4j.MDC;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Gives each request a reference, which stands in the log, in the history and on error
 * pages. Never taken from outside.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class RequestIdFilter extends OncePerRequestFilter {

	static final String ATTRIBUTE = "requestId";

	private static final SecureRandom RANDOM = new SecureRandom();

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		byte[] random = new byte[6];
		RANDOM.nextBytes(random);
		String id = HexFormat.of().formatHex(random);
		request.setAttribute(ATTRIBUTE, id);
		response.setHeader("X-Request-Id", id);
		try (MDC.MDCCloseable _ = MDC.putCloseable("request", id)) {
			chain.doFilter(request, response);
		}
	}

}
