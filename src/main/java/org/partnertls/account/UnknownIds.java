package org.partnertls.account;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;

import org.springframework.http.HttpStatus;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Puts into the history that somebody who is signed in asked for a thing that is not
 * there, or not theirs: the two look alike to them and must not to us. Runs after the
 * transaction that found nothing has ended.
 */
@Component
class UnknownIds implements HandlerInterceptor, WebMvcConfigurer {

	private static final int LONGEST = 200;

	private final AuditLog audit;

	UnknownIds(AuditLog audit) {
		this.audit = audit;
	}

	@Override
	public void addInterceptors(InterceptorRegistry registry) {
		registry.addInterceptor(this);
	}

	@Override
	public void afterCompletion(HttpServletRequest request, HttpServletResponse response, Object handler,
			@Nullable Exception ex) {
		if (response.getStatus() == HttpStatus.NOT_FOUND.value() && handler instanceof HandlerMethod
				&& request.getDispatcherType() == DispatcherType.REQUEST
				&& SecurityContextHolder.getContext().getAuthentication() instanceof PortalAuthentication) {
			String route = request.getMethod() + " " + request.getRequestURI();
			this.audit.appendAlone(Act.of("access.not-found")
				.refused()
				.on("route", route.substring(0, Math.min(route.length(), LONGEST))));
		}
	}

}
