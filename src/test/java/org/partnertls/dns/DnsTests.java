package org.partnertls.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;

import lab.DnsServer;
import lab.DnsServer.Mood;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.partnertls.dns.DnsAnswer.Absence;
import org.partnertls.dns.DnsAnswer.Found;
import org.partnertls.dns.DnsAnswer.NoAnswer;
import org.partnertls.dns.DnsAnswer.None;
import org.partnertls.organization.DomainName;
import org.xbill.DNS.Type;

import static org.assertj.core.api.Assertions.assertThat;

class DnsTests {

	private final DnsServer server = new DnsServer(0);

	private Dns dns;

	@BeforeEach
	void ask() {
		this.dns = dns(this.server.address());
	}

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void textsComeWithTheServerThatAnswered() {
		this.server.putTxt("_partner.acme.example", "one", "two");
		assertThat(this.dns.txt("_partner.acme.example"))
			.isEqualTo(new Found<>(List.of("one", "two"), List.of(), 0, null, this.server.address(), Dnssec.INSECURE));
	}

	@Test
	void aTextIsSeenAsSoonAsItIsPublishedAndGoneAsSoonAsItIsRemoved() {
		assertThat(this.dns.txt("x.acme.example")).isInstanceOf(None.class);
		this.server.putTxt("x.acme.example", "now");
		assertThat(this.dns.txt("x.acme.example")).isInstanceOf(Found.class);
		this.server.removeTxt("x.acme.example", "now");
		assertThat(this.dns.txt("x.acme.example")).isNotInstanceOf(Found.class);
	}

	@Test
	void theStringsOfOneTextAreJoined() {
		this.server.putTxt("long.acme.example", "a".repeat(600));
		assertThat(found(this.dns.txt("long.acme.example")).records()).containsExactly("a".repeat(600));
	}

	@Test
	void anAnswerTooLargeForUdpComesByTcp() {
		String[] texts = new String[20];
		for (int i = 0; i < texts.length; i++) {
			texts[i] = i + "x".repeat(200);
		}
		this.server.putTxt("large.acme.example", texts);
		assertThat(found(this.dns.txt("large.acme.example")).records()).containsExactlyInAnyOrder(texts);
		assertThat(this.server.askedByTcp()).isEqualTo(1);
	}

	@Test
	void moreTextsThanAnybodyNeedsAreLeftOffAndCounted() {
		for (int i = 0; i < 60; i++) {
			this.server.putTxt("many.acme.example", "text " + i);
		}
		Found<String> found = found(this.dns.txt("many.acme.example"));
		assertThat(found.records()).hasSize(50);
		assertThat(found.leftOff()).isEqualTo(10);
	}

	@Test
	void aNameThatDoesNotExistDiffersFromOneWithoutTheRecord() {
		this.server.putAddress("acme.example", "192.0.2.1");
		assertThat(this.dns.txt("nobody.acme.example"))
			.isEqualTo(new None<>(Absence.NO_SUCH_NAME, this.server.address(), Dnssec.INSECURE));
		assertThat(this.dns.txt("acme.example"))
			.isEqualTo(new None<>(Absence.NO_SUCH_RECORD, this.server.address(), Dnssec.INSECURE));
	}

	@Test
	void aFailingOrRefusingServerIsNoAnswer() {
		this.server.mood("broken.example", Mood.SERVFAIL).mood("secret.example", Mood.REFUSED);
		assertThat(this.dns.txt("broken.example")).isEqualTo(
				new NoAnswer<>("the DNS server " + this.server.address() + " answered SERVFAIL", true, Dnssec.UNKNOWN));
		assertThat(this.dns.mx(new DomainName("secret.example"))).isEqualTo(
				new NoAnswer<>("the DNS server " + this.server.address() + " answered REFUSED", true, Dnssec.UNKNOWN));
	}

	@Test
	void aSilentServerIsAskedTwiceAndIsNoAnswer() {
		this.server.mood("silent.example", Mood.SILENT);
		assertThat(this.dns.txt("silent.example")).isEqualTo(new NoAnswer<>(
				"the DNS server " + this.server.address() + " did not answer in time", false, Dnssec.UNKNOWN));
		assertThat(this.server.asked("silent.example")).isEqualTo(2);
	}

	@Test
	void theNextServerIsAskedWhenOneFails() {
		try (DnsServer second = new DnsServer(0)) {
			this.server.mood("acme.example", Mood.SERVFAIL);
			second.putTxt("acme.example", "here");
			assertThat(found(dns(this.server.address(), second.address()).txt("acme.example")).server())
				.isEqualTo(second.address());
		}
	}

	@Test
	void aServerNameThatNobodyKnowsIsNoAnswer() {
		assertThat(dns("no-such-host.invalid").txt("acme.example")).isInstanceOf(NoAnswer.class);
	}

	@Test
	void aLookupNeedsNothingOfTheCommonPool() throws InterruptedException {
		this.server.putTxt("acme.example", "here");
		int threads = ForkJoinPool.getCommonPoolParallelism();
		CountDownLatch busy = new CountDownLatch(threads);
		CountDownLatch done = new CountDownLatch(1);
		for (int i = 0; i < threads; i++) {
			ForkJoinPool.commonPool().execute(() -> {
				busy.countDown();
				try {
					done.await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			});
		}
		try {
			busy.await();
			assertThat(this.dns.txt("acme.example")).isInstanceOf(Found.class);
		}
		finally {
			done.countDown();
		}
	}

	@Test
	void somethingThatIsNoNameIsNoAnswer() {
		assertThat(this.dns.txt("a..b")).isInstanceOf(NoAnswer.class);
		assertThat(this.dns.addresses("x".repeat(64) + ".example")).isInstanceOf(NoAnswer.class);
	}

	@Test
	void mailServersAreSortedByPreferenceThenName() {
		this.server.putMx("acme.example", 20, "A.acme.example")
			.putMx("acme.example", 10, "c.acme.example")
			.putMx("acme.example", 10, "b.acme.example");
		assertThat(found(this.dns.mx(new DomainName("acme.example"))).records()).containsExactly(
				new MxHost(10, "b.acme.example"), new MxHost(10, "c.acme.example"), new MxHost(20, "a.acme.example"));
	}

	@Test
	void theNullMxIsADot() {
		this.server.putMx("acme.example", 0, ".");
		assertThat(found(this.dns.mx(new DomainName("acme.example"))).records()).singleElement()
			.matches(MxHost::isNull);
	}

	@Test
	void aliasesAreFollowedAndNamed() {
		this.server.putAlias("mx.acme.example", "farm.host.example")
			.putAlias("farm.host.example", "one.host.example")
			.putAddress("one.host.example", "192.0.2.7");
		Found<InetAddress> found = found(this.dns.addresses("mx.acme.example"));
		assertThat(found.records()).containsExactly(InetAddress.ofLiteral("192.0.2.7"));
		assertThat(found.aliases()).containsExactly("farm.host.example", "one.host.example");
	}

	@Test
	void aLoopOfAliasesEnds() {
		this.server.putAlias("a.example", "b.example").putAlias("b.example", "a.example");
		assertThat(this.dns.addresses("a.example")).isNotInstanceOf(Found.class);
	}

	@Test
	void aLongChainOfAliasesEnds() {
		for (int i = 0; i < 15; i++) {
			this.server.putAlias("a" + i + ".example", "a" + (i + 1) + ".example");
		}
		this.server.putAddress("a15.example", "192.0.2.7");
		assertThat(this.dns.addresses("a0.example")).isInstanceOf(NoAnswer.class);
	}

	@Test
	void bothFamiliesOfAddressesAreFound() {
		this.server.putAddress("mx.acme.example", "2001:db8::7").putAddress("mx.acme.example", "192.0.2.7");
		assertThat(found(this.dns.addresses("mx.acme.example")).records())
			.containsExactly(InetAddress.ofLiteral("192.0.2.7"), InetAddress.ofLiteral("2001:db8::7"));
	}

	@Test
	void aHostWithoutAddressesIsNoneNotFailure() {
		this.server.putTxt("mx.acme.example", "only text");
		assertThat(this.dns.addresses("mx.acme.example"))
			.isEqualTo(new None<>(Absence.NO_SUCH_RECORD, this.server.address(), Dnssec.INSECURE));
		this.server.remove("mx.acme.example", Type.TXT);
		assertThat(this.dns.addresses("mx.acme.example"))
			.isEqualTo(new None<>(Absence.NO_SUCH_NAME, this.server.address(), Dnssec.INSECURE));
	}

	@Test
	void whatTheResolverFoundSignedIsSecure() {
		this.server.putMx("acme.example", 10, "mx.acme.example")
			.putAddress("mx.acme.example", "192.0.2.7")
			.putAlias("alias.acme.example", "elsewhere.example")
			.putAddress("elsewhere.example", "192.0.2.8")
			.secure("acme.example");
		assertThat(this.dns.mx(new DomainName("acme.example")).dnssec()).isEqualTo(Dnssec.SECURE);
		assertThat(this.dns.addresses("mx.acme.example").dnssec()).isEqualTo(Dnssec.SECURE);
		assertThat(this.dns.tlsa("_25._tcp.mx.acme.example"))
			.isEqualTo(new None<>(Absence.NO_SUCH_NAME, this.server.address(), Dnssec.SECURE));
		assertThat(this.dns.addresses("alias.acme.example").dnssec()).isEqualTo(Dnssec.INSECURE);
		assertThat(this.dns.addresses("elsewhere.example").dnssec()).isEqualTo(Dnssec.INSECURE);
	}

	@Test
	void wrongSignaturesAreToldFromAFailingServer() {
		this.server.putAddress("mx.acme.example", "192.0.2.7").mood("mx.acme.example", Mood.BOGUS);
		assertThat(this.dns.addresses("mx.acme.example")).isInstanceOfSatisfying(NoAnswer.class, (noAnswer) -> {
			assertThat(noAnswer.dnssec()).isEqualTo(Dnssec.BOGUS);
			assertThat(noAnswer.why()).contains("signatures (DNSSEC) do not hold");
		});
	}

	@Test
	void tlsaRecordsAreRead() {
		this.server.putTlsa("mx.acme.example", 3, 1, 1, "ab".repeat(32));
		assertThat(found(this.dns.tlsa("_25._tcp.mx.acme.example")).records())
			.containsExactly(new TlsaRecord(3, 1, 1, "ab".repeat(32)));
	}

	@Test
	void signaturesAreFollowedFromTheAnchorByOurselves(@TempDir Path directory) throws IOException {
		Path anchors = Files.writeString(directory.resolve("anchors"), this.server.sign("signed.example") + "\n");
		this.server.putMx("signed.example", 10, "mx.signed.example")
			.putAddress("mx.signed.example", "192.0.2.7")
			.putTlsa("mx.signed.example", 3, 1, 1, "ab".repeat(32))
			.putAddress("mx.plain.example", "192.0.2.8");
		Dns own = new Dns(
				new DnsProperties(List.of(this.server.address()), Duration.ofSeconds(2), Validation.OWN, anchors));
		assertThat(own.validation()).isEqualTo(Validation.OWN);
		assertThat(own.mx(new DomainName("signed.example")).dnssec()).isEqualTo(Dnssec.SECURE);
		assertThat(own.tlsa("_25._tcp.mx.signed.example").dnssec()).isEqualTo(Dnssec.SECURE);
		assertThat(own.txt("nobody.signed.example"))
			.isEqualTo(new None<>(Absence.NO_SUCH_RECORD, this.server.address(), Dnssec.SECURE));
		assertThat(own.addresses("mx.plain.example").dnssec()).isEqualTo(Dnssec.INSECURE);
		String other;
		try (DnsServer stranger = new DnsServer(0)) {
			other = stranger.sign("signed.example");
		}
		Path wrong = Files.writeString(directory.resolve("wrong"), other + "\n");
		assertThat(
				new Dns(new DnsProperties(List.of(this.server.address()), Duration.ofSeconds(2), Validation.OWN, wrong))
					.addresses("mx.signed.example"))
			.isInstanceOfSatisfying(NoAnswer.class,
					(noAnswer) -> assertThat(noAnswer.dnssec()).isEqualTo(Dnssec.BOGUS));
	}

	@Test
	void aQuestionIsNotWaitedForLongerThanTheCallerHas() {
		this.server.mood("silent.example", Mood.SILENT);
		long started = System.nanoTime();
		assertThat(this.dns.until(started + Duration.ofMillis(100).toNanos()).txt("silent.example"))
			.isInstanceOf(NoAnswer.class);
		assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofMillis(700));
	}

	@Test
	void answersToAnotherQuestionAreNotTaken() {
		this.server.mood("victim.example", Mood.LYING);
		assertThat(this.dns.mx(new DomainName("victim.example"))).isNotInstanceOf(Found.class);
	}

	@Test
	void aliasesWithoutEndAreGivenUp() {
		this.server.mood("loop.example", Mood.LOOPING);
		assertThat(this.dns.addresses("loop.example")).isInstanceOf(NoAnswer.class);
	}

	private static Dns dns(String... servers) {
		return new Dns(new DnsProperties(List.of(servers), Duration.ofMillis(400)));
	}

	private static <T> Found<T> found(DnsAnswer<T> answer) {
		assertThat(answer).isInstanceOf(Found.class);
		return (Found<T>) answer;
	}

}
