package org.partnertls.request;

import java.time.Duration;

import jakarta.validation.constraints.NotNull;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Invitations.
 *
 * @param life how long an invitation can be used
 */
@Validated
@ConfigurationProperties("portal.invitation")
record InvitationProperties(@NotNull @DefaultValue("14d") Duration life) {

	InvitationProperties {
		if (life.compareTo(Duration.ofHours(1)) < 0 || life.compareTo(Duration.ofDays(90)) > 0) {
			throw new IllegalArgumentException("portal.invitation.life must be between an hour and 90 days.");
		}
	}

}
