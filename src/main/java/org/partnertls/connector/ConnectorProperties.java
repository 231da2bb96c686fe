package org.partnertls.connector;

import java.time.Duration;
import java.util.List;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How connectors are named and pushed.
 *
 * @param outboundName names outbound connectors; {@code {domain}} stands for the
 * partner's first domain
 * @param inboundName the same for inbound ones
 * @param inboundEnforcement {@code after-proof}: clear text is rejected once a test
 * message has proven TLS and the observation time is over; {@code at-once}: without
 * waiting for either
 * @param pushInterval how often the push looks for work that nobody called it for
 * @param mostChangesPerHour how many changes are begun in an hour at most
 * @param firstPortion how many changes a bulk push begins with, before it goes on
 * @param portion how many it takes at a time afterwards
 * @param failuresAllowed a bulk push stops by itself at this many failures
 * @param changeWindows when the tenant may be changed, in the organisation's zone, each
 * such as {@code Mon-Fri 07:00-18:00}; none: at any time
 * @param freezes days on which it is not changed, each such as
 * {@code 2026-12-18/2027-01-04}, both included
 * @param driftInterval how often all connectors are compared with what was approved
 * @param propagation how long a new connector takes to work everywhere; the first
 * validation waits for it
 * @param validationTries how many validations must fail before a failure counts
 * @param validationPause time between two of them
 * @param readBackPause time between two looks at what was written
 * @param readBackTries how many looks before a person is asked
 * @param reliefLimit how long a relief lasts at most
 * @param reliefSignIn how long ago an administrator may have signed in to relieve
 * @param approvals how many approvals a change without an attestation needs
 * @param outboundLimit how many outbound connectors the tenant holds; plans stop at 95 %
 * @param inboundLimit the same for inbound ones
 */
@ConfigurationProperties("portal.connector")
public record ConnectorProperties(@DefaultValue("To {domain}") String outboundName,
		@DefaultValue("From {domain}") String inboundName,
		@DefaultValue("after-proof") InboundEnforcement inboundEnforcement, @DefaultValue("10s") Duration pushInterval,
		@DefaultValue("200") int mostChangesPerHour, @DefaultValue("5") int firstPortion,
		@DefaultValue("20") int portion, @DefaultValue("2") int failuresAllowed,
		@DefaultValue List<String> changeWindows, @DefaultValue List<String> freezes,
		@DefaultValue("1h") Duration driftInterval, @DefaultValue("15m") Duration propagation,
		@DefaultValue("5") int validationTries, @DefaultValue("15m") Duration validationPause,
		@DefaultValue("5s") Duration readBackPause, @DefaultValue("60") int readBackTries,
		@DefaultValue("24h") Duration reliefLimit, @DefaultValue("15m") Duration reliefSignIn,
		@DefaultValue("1") int approvals, @DefaultValue("1800") int outboundLimit,
		@DefaultValue("4450") int inboundLimit) {

	public ConnectorProperties {
		checkName("outbound-name", outboundName);
		checkName("inbound-name", inboundName);
		check("push-interval", pushInterval.compareTo(Duration.ofSeconds(1)) >= 0, "must be at least one second");
		check("most-changes-per-hour", mostChangesPerHour > 0, "must be at least 1");
		check("first-portion", firstPortion > 0, "must be at least 1");
		check("portion", portion > 0, "must be at least 1");
		check("failures-allowed", failuresAllowed > 0, "must be at least 1");
		checkCalendar(changeWindows, freezes);
		check("drift-interval", driftInterval.compareTo(Duration.ofMinutes(1)) >= 0, "must be at least one minute");
		check("propagation", !propagation.isNegative(), "cannot be negative");
		check("validation-tries", validationTries > 0, "must be at least 1");
		check("validation-pause", !validationPause.isNegative(), "cannot be negative");
		check("read-back-pause", !readBackPause.isNegative(), "cannot be negative");
		check("read-back-tries", readBackTries > 0, "must be at least 1");
		check("relief-limit", reliefLimit.isPositive() && reliefLimit.compareTo(Duration.ofHours(24)) <= 0,
				"must be more than zero and at most 24 hours");
		check("relief-sign-in", reliefSignIn.isPositive(), "must be more than zero");
		check("approvals", approvals > 0, "must be at least 1");
		check("outbound-limit", outboundLimit > 0, "must be at least 1");
		check("inbound-limit", inboundLimit > 0, "must be at least 1");
	}

	/**
	 * When clear text from a partner is first rejected.
	 */
	public enum InboundEnforcement {

		AFTER_PROOF, AT_ONCE

	}

	Capacity capacity() {
		return new Capacity(this.outboundLimit, this.inboundLimit);
	}

	Names names() {
		return new Names(this.outboundName, this.inboundName);
	}

	ChangeCalendar calendar() {
		return ChangeCalendar.of(this.changeWindows, this.freezes);
	}

	private static void checkCalendar(List<String> windows, List<String> freezes) {
		try {
			ChangeCalendar.of(windows, List.of());
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException("portal.connector.change-windows has \"" + ex.getMessage()
					+ "\", which is no window such as Mon-Fri 07:00-18:00.", ex);
		}
		try {
			ChangeCalendar.of(List.of(), freezes);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException("portal.connector.freezes has \"" + ex.getMessage()
					+ "\", which are no days such as 2026-12-18/2027-01-04.", ex);
		}
	}

	private static void checkName(String key, String template) {
		check(key, template.contains("{domain}"), "must contain {domain}");
		check(key, template.replace("{domain}", "x").matches("[A-Za-z0-9 ._()-]{1,40}"),
				"may have letters, digits, spaces and . _ ( ) - beside {domain}, and at most 40 of them");
	}

	private static void check(String key, boolean met, String otherwise) {
		if (!met) {
			throw new IllegalArgumentException("portal.connector." + key + " " + otherwise + ".");
		}
	}

}
