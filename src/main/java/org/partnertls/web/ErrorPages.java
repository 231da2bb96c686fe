package org.partnertls.web;

import java.util.Map;

import org.partnertls.organization.OrganizationProperties;

import jakarta.servlet.http.HttpServletRequest;

import org.springframework.boot.webmvc.autoconfigure.error.ErrorViewResolver;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.ModelAndView;

/**
 * Error pages with our name, the visitor's colours and the request's reference.
 */
@Component
class ErrorPages implements ErrorViewResolver {

	private final OrganizationProperties organization;

	ErrorPages(OrganizationProperties organization) {
		this.organization = organization;
	}

	@Override
	public ModelAndView resolveErrorView(HttpServletRequest request, HttpStatus status, Map<String, Object> model) {
		String view = switch (status) {
			case FORBIDDEN -> "error/403";
			case NOT_FOUND -> "error/404";
			default -> status.is5xxServerError() ? "error/5xx" : "error/4xx";
		};
		ModelAndView page = new ModelAndView(view, status);
		page.addObject("org", this.organization);
		page.addObject("theme", PageAdvice.themeOf(request));
		page.addObject("signedIn", request.getUserPrincipal() != null);
		Object reference = request.getAttribute(RequestIdFilter.ATTRIBUTE);
		if (reference != null) {
			page.addObject("requestId", reference);
		}
		return page;
	}

}
