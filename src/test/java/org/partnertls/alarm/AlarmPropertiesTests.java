package org.partnertls.alarm;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.partnertls.alarm.AlarmProperties.Kind;
import org.partnertls.alarm.AlarmProperties.Webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class AlarmPropertiesTests {

	private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

	@Test
	void signsAsTheSpecificationsExampleDoes() {
		byte[] key = Signature.key(SECRET).orElseThrow();

		assertThat(Signature.of(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", Instant.ofEpochSecond(1614265330),
				"{\"test\": 2432232314}"))
			.isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	}

	@Test
	void takesNoSecretThatIsShortOrNoBase64() {
		assertThat(Signature.key("whsec_" + Base64.getEncoder().encodeToString(new byte[23]))).isEmpty();
		assertThat(Signature.key("whsec_" + Base64.getEncoder().encodeToString(new byte[65]))).isEmpty();
		assertThat(Signature.key("not base64!")).isEmpty();
		assertThat(Signature.key(null)).isEmpty();
	}

	@Test
	void wantsHttpsButForThisMachine() {
		assertThat(hook("https://hooks.example/a", SECRET).host()).isEqualTo("hooks.example");
		assertThat(hook("http://127.0.0.1:8099/a", SECRET).host()).isEqualTo("127.0.0.1");
		for (String url : List.of("http://hooks.example/a", "ftp://127.0.0.1/a", "https://user:pass@hooks.example/",
				"http://127.0.0.1.example/a", "/a")) {
			assertThatThrownBy(() -> hook(url, SECRET)).as(url)
				.isInstanceOf(IllegalArgumentException.class)
				.hasMessageContaining("https://");
		}
	}

	@Test
	void wantsASecretWhereMessagesAreSignedAndNoneForTeams() {
		assertThatThrownBy(() -> hook("https://hooks.example/a", null)).hasMessageContaining("needs a secret");
		URI teams = URI.create("https://prod.logic.azure.example/workflows/x?sig=verysecret");
		assertThatThrownBy(() -> new Webhook("teams", teams, Kind.TEAMS, SECRET, false))
			.hasMessageContaining("takes no secret");
		assertThat(new Webhook("teams", teams, Kind.TEAMS, null, true)).asString()
			.isEqualTo("teams (Microsoft Teams, prod.logic.azure.example, escalations only)");
	}

	@Test
	void namesTheKeyThatIsWrong() {
		assertThatThrownBy(() -> new AlarmProperties(List.of(), Duration.ZERO, List.of(), List.of()))
			.hasMessageContaining("portal.alarm.escalate-after");
		Webhook one = hook("https://hooks.example/a", SECRET);
		assertThatThrownBy(() -> new AlarmProperties(List.of(), Duration.ofHours(1), List.of(), List.of(one, one)))
			.hasMessageContaining("portal.alarm.webhooks has two");
		AlarmProperties settings = new AlarmProperties(List.of(), Duration.ofHours(1), List.of(),
				List.of(one, new Webhook("duty", URI.create("https://duty.example/"), Kind.GENERIC, SECRET, true)));
		assertThat(settings.webhooks()).filteredOn((hook) -> hook.hears(false))
			.extracting(Webhook::name)
			.containsExactly("pager");
		assertThat(settings.webhooks()).allMatch((hook) -> hook.hears(true));
	}

	private static Webhook hook(String url, @org.jspecify.annotations.Nullable String secret) {
		return new Webhook("pager", URI.create(url), Kind.GENERIC, secret, false);
	}

}
