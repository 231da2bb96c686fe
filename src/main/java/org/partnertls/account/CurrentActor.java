package org.partnertls.account;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Actor;
import org.partnertls.audit.ActorSource;

import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Tells the history who acts: the signed-in person, a visitor, or the portal in a job.
 */
@Component
class CurrentActor implements ActorSource {

	@Override
	public Actor current() {
		@Nullable String ip = (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes request)
				? request.getRequest().getRemoteAddr() : null;
		if (SecurityContextHolder.getContext().getAuthentication() instanceof PortalAuthentication current) {
			SignedIn person = current.signedIn();
			if (person != null) {
				return of(person, ip);
			}
		}
		return (ip != null) ? new Actor(Actor.Kind.VISITOR, "visitor", null, null, null, ip) : Actor.system("portal");
	}

	static Actor of(SignedIn person, @Nullable String ip) {
		return new Actor((person.partnerId() != null) ? Actor.Kind.PARTNER : Actor.Kind.STAFF, person.id().toString(),
				person.roleWords(), person.name(), person.address(), ip);
	}

}
