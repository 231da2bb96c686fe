package org.partnertls.evidence;

import java.time.Instant;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.partnertls.evidence.Enforced.Kind;

import static org.assertj.core.api.Assertions.assertThat;

class EnforcedTests {

	private static final Set<String> DOMAINS = Set.of("a.example", "b.example");

	private final Enforced way = new Enforced();

	@Test
	void hasNoGapFromItsBeginningOn() {
		this.way.on(day(1), "CertificateValidation", DOMAINS, "approved change");

		assertThat(this.way.between(day(2), day(20), null)).extracting(Enforced.Interval::kind)
			.containsExactly(Kind.ON);
		assertThat(this.way.since(day(9))).isEqualTo(day(1));
		assertThat(this.way.isOn(day(0))).isFalse();
	}

	@Test
	void tellsEachInterruptionWithCauseAndLength() {
		this.way.on(day(1), "x", DOMAINS, "approved change");
		this.way.off(day(5), "relief");
		this.way.on(day(6), "x", DOMAINS, "end of a relief");

		assertThat(this.way.between(day(0), day(10), null))
			.extracting(Enforced.Interval::kind, Enforced.Interval::cause, Enforced.Interval::length)
			.containsExactly(org.assertj.core.groups.Tuple.tuple(Kind.OFF, "not set up yet", "1 day 0 h"),
					org.assertj.core.groups.Tuple.tuple(Kind.ON, "approved change", "4 days 0 h"),
					org.assertj.core.groups.Tuple.tuple(Kind.OFF, "relief", "1 day 0 h"),
					org.assertj.core.groups.Tuple.tuple(Kind.ON, "end of a relief", "4 days 0 h"));
		assertThat(this.way.since(day(9))).isEqualTo(day(6));
	}

	@Test
	void countsDriftFromTheMomentItHappened() {
		this.way.on(day(1), "x", DOMAINS, "approved change");
		this.way.off(day(3), "changed in the tenant");
		this.way.again(day(8), "put back");

		assertThat(this.way.isOn(day(4))).isFalse();
		assertThat(this.way.between(day(1), day(9), "a.example")).extracting(Enforced.Interval::kind)
			.containsExactly(Kind.ON, Kind.OFF, Kind.ON);
	}

	@Test
	void isUnknownWhileNobodyLooked() {
		this.way.on(day(1), "x", DOMAINS, "approved change");
		this.way.watchedAgain(day(4), day(6), "nobody looked");

		assertThat(this.way.between(day(1), day(9), null)).extracting(Enforced.Interval::kind)
			.containsExactly(Kind.ON, Kind.UNKNOWN, Kind.ON);
		assertThat(this.way.isOn(day(5))).isFalse();
	}

	@Test
	void staysUnknownUntilSomebodyLooksAgain() {
		this.way.on(day(1), "x", DOMAINS, "approved change");
		this.way.unknown(day(4), "nobody looked");

		assertThat(this.way.between(day(1), day(9), null)).extracting(Enforced.Interval::kind)
			.containsExactly(Kind.ON, Kind.UNKNOWN);
		assertThat(Enforced.answer(this.way.between(day(1), day(9), null))).isEqualTo(Enforced.Answer.UNKNOWN);

		this.way.watchedAgain(day(4), day(6), "nobody looked");

		assertThat(this.way.between(day(1), day(9), null))
			.extracting(Enforced.Interval::kind, Enforced.Interval::length)
			.containsExactly(org.assertj.core.groups.Tuple.tuple(Kind.ON, "3 days 0 h"),
					org.assertj.core.groups.Tuple.tuple(Kind.UNKNOWN, "2 days 0 h"),
					org.assertj.core.groups.Tuple.tuple(Kind.ON, "3 days 0 h"));
	}

	@Test
	void driftThatIsFoundAfterNobodyLookedCountsFromTheMomentItHappened() {
		this.way.on(day(1), "x", DOMAINS, "approved change");
		this.way.watchedAgain(day(3), day(8), "nobody looked");
		this.way.off(day(5), "changed in the tenant");

		assertThat(this.way.between(day(1), day(9), null)).extracting(Enforced.Interval::kind, Enforced.Interval::from)
			.containsExactly(org.assertj.core.groups.Tuple.tuple(Kind.ON, day(1)),
					org.assertj.core.groups.Tuple.tuple(Kind.UNKNOWN, day(3)),
					org.assertj.core.groups.Tuple.tuple(Kind.OFF, day(5)));
		this.way.again(day(9), "put back");
		assertThat(this.way.at(day(10))).satisfies((now) -> {
			assertThat(now.kind()).isEqualTo(Kind.ON);
			assertThat(now.domains()).isEqualTo(DOMAINS);
		});
	}

	@Test
	void oneGapSaysNoWhateverElseIsUnknown() {
		this.way.on(day(1), "x", DOMAINS, "approved change");
		this.way.watchedAgain(day(2), day(3), "nobody looked");

		assertThat(Enforced.answer(this.way.between(day(4), day(9), null))).isEqualTo(Enforced.Answer.YES);
		assertThat(Enforced.answer(this.way.between(day(1), day(9), null))).isEqualTo(Enforced.Answer.UNKNOWN);
		assertThat(Enforced.answer(this.way.between(day(0), day(9), null))).isEqualTo(Enforced.Answer.NO);
		assertThat(Enforced.answer(this.way.between(day(4), day(9), "c.example"))).isEqualTo(Enforced.Answer.NO);
	}

	@Test
	void leavesNoHoleAndNoOverlapWhateverComes() {
		this.way.watchedAgain(day(1), day(2), "nobody looked");
		this.way.on(day(3), "x", DOMAINS, "approved change");
		this.way.off(day(2), "changed before it began");
		this.way.on(day(4), "y", DOMAINS, "approved change");
		this.way.watchedAgain(day(1), day(3), "nobody looked");

		java.util.List<Enforced.Interval> all = this.way.between(day(0), day(9), null);

		assertThat(all.getFirst().from()).isEqualTo(day(0));
		assertThat(all.getLast().to()).isEqualTo(day(9));
		for (int i = 1; i < all.size(); i++) {
			assertThat(all.get(i).from()).isEqualTo(all.get(i - 1).to());
		}
	}

	@Test
	void isOffForADomainThatTheConnectorDoesNotName() {
		this.way.on(day(1), "x", Set.of("a.example"), "approved change");
		this.way.on(day(5), "x", DOMAINS, "approved change");

		assertThat(this.way.between(day(1), day(9), "b.example")).extracting(Enforced.Interval::kind)
			.containsExactly(Kind.OFF, Kind.ON);
		assertThat(this.way.since(day(8))).isEqualTo(day(1));
	}

	@Test
	void nothingThatTimelinesAreMadeOfLeavesBeforeTheRecord() {
		assertThat(PartnerRecord.CODES).allSatisfy((code) -> assertThat(org.partnertls.audit.Keeping.of(code)).as(code)
			.isEqualTo(org.partnertls.audit.Keeping.RECORD));
	}

	private static Instant day(int day) {
		return Instant.parse("2026-01-10T00:00:00Z").plusSeconds(day * 86_400L);
	}

}
