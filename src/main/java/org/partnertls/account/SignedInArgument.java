package org.partnertls.account;

import org.jspecify.annotations.Nullable;

import org.springframework.core.MethodParameter;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/**
 * Gives controllers the person behind the request. A parameter marked nullable is null
 * for a visitor; any other refuses visitors.
 */
class SignedInArgument implements HandlerMethodArgumentResolver {

	@Override
	public boolean supportsParameter(MethodParameter parameter) {
		return parameter.getParameterType() == SignedIn.class;
	}

	@Override
	public @Nullable Object resolveArgument(MethodParameter parameter, @Nullable ModelAndViewContainer container,
			NativeWebRequest request, @Nullable WebDataBinderFactory binders) {
		if (SecurityContextHolder.getContext().getAuthentication() instanceof PortalAuthentication current
				&& current.signedIn() != null) {
			return current.signedIn();
		}
		if (parameter.isOptional()) {
			return null;
		}
		throw new AccessDeniedException("this page is for people who are signed in");
	}

}
