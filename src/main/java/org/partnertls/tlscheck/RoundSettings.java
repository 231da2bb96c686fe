package org.partnertls.tlscheck;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How watched domains are looked at again and again.
 *
 * @param interval between two checks of a domain
 * @param domainsAtOnce how many domains a round looks at at the same time
 * @param deepEvery how often what changes slowly is looked at: old versions of TLS, and
 * what is shown to those who name no host
 * @param shareFor how long what a server showed counts for all domains on it, at most an
 * hour
 * @param failures how many checks in a row must fail before a domain counts as failing
 * @param failureSpread how much time must lie between the first and the last of them
 * @param rest how long a server that puts us off is left alone, twice as long each
 * further time, at most a day
 * @param alarmAfter how late a round may be before it counts as missed
 * @param keep how long reports are kept; the newest of a domain and those that changed
 * its state are kept for ever
 * @param asksPerPerson how many checks one person may ask for within an hour
 * @param selfTestDomain a mail domain whose servers always answer: when they do not, the
 * fault is ours; by default our own first mail domain
 * @param selfTestSigned a mail domain that is surely signed (DNSSEC), such as ietf.org:
 * when its signatures do not hold, it is our own resolver that cannot check them; none by
 * default
 * @param selfTestBogus a mail domain whose signatures are wrong on purpose, such as
 * dnssec-failed.org: when it is answered, nobody checks signatures; none by default
 * @param clockTolerance how far our clock may be from those of the database and of our
 * own mail servers
 */
record RoundSettings(@DefaultValue("24h") Duration interval, @DefaultValue("50") int domainsAtOnce,
		@DefaultValue("7d") Duration deepEvery, @DefaultValue("1h") Duration shareFor, @DefaultValue("3") int failures,
		@DefaultValue("2h") Duration failureSpread, @DefaultValue("30m") Duration rest,
		@DefaultValue("2h") Duration alarmAfter, @DefaultValue("180d") Duration keep,
		@DefaultValue("30") int asksPerPerson, @Nullable DomainName selfTestDomain, @Nullable DomainName selfTestSigned,
		@Nullable DomainName selfTestBogus, @DefaultValue("5m") Duration clockTolerance) {

	RoundSettings {
		between("interval", interval, Duration.ofMinutes(10), Duration.ofDays(7));
		between("deep-every", deepEvery, Duration.ofHours(1), Duration.ofDays(90));
		between("share-for", shareFor, Duration.ZERO, Duration.ofHours(1));
		between("failure-spread", failureSpread, Duration.ZERO, Duration.ofDays(1));
		between("rest", rest, Duration.ofSeconds(1), Duration.ofDays(1));
		between("alarm-after", alarmAfter, Duration.ofSeconds(1), Duration.ofDays(7));
		between("keep", keep, Duration.ofDays(1), Duration.ofDays(36500));
		between("clock-tolerance", clockTolerance, Duration.ofSeconds(1), Duration.ofDays(36500));
		between("domains-at-once", domainsAtOnce, 1, 1000);
		between("failures", failures, 1, 20);
		between("asks-per-person", asksPerPerson, 1, 10000);
	}

	Pace pace() {
		return new Pace(this.interval, patience(), this.rest);
	}

	/**
	 * How long after a check nothing is known any more when no other came. A slot can lie
	 * an eighth of the interval behind a check out of turn.
	 */
	Duration latest() {
		return this.interval.plus(this.interval.dividedBy(8)).plus(this.alarmAfter);
	}

	Condition.Patience patience() {
		return new Condition.Patience(this.failures, this.failureSpread);
	}

	private static void between(String key, Duration value, Duration least, Duration most) {
		if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
			throw new IllegalArgumentException("portal.tls-check.rounds." + key + " must lie between " + words(least)
					+ " and " + words(most) + ", but is " + value + ".");
		}
	}

	private static void between(String key, int value, int least, int most) {
		if (value < least || value > most) {
			throw new IllegalArgumentException("portal.tls-check.rounds." + key + " must lie between " + least + " and "
					+ most + ", but is " + value + ".");
		}
	}

	private static String words(Duration duration) {
		long seconds = duration.toSeconds();
		return (seconds % 86400 == 0 && seconds > 0) ? seconds / 86400 + "d"
				: (seconds % 60 == 0 && seconds > 0) ? seconds / 60 + "m" : seconds + "s";
	}

}
