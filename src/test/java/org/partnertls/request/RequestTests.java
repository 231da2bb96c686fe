package org.partnertls.request;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.request.Request.State;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class RequestTests {

	private static final Instant NOW = Instant.parse("2026-11-23T13:30:00Z");

	private static final UUID ID = new UUID(0, 1);

	private static final Map<State, Set<State>> TABLE = Map.of(State.ASKED,
			EnumSet.of(State.CONFIRMED, State.WITHDRAWN), State.CONFIRMED,
			EnumSet.of(State.ACCEPTED, State.REJECTED, State.WITHDRAWN), State.ACCEPTED, EnumSet.noneOf(State.class),
			State.REJECTED, EnumSet.noneOf(State.class), State.WITHDRAWN, EnumSet.noneOf(State.class));

	private static final Map<State, Consumer<Request>> VERBS = Map.of(State.CONFIRMED, (r) -> r.confirm(NOW),
			State.ACCEPTED, (r) -> r.accept(ID, ID, NOW), State.REJECTED, (r) -> r.reject("no", ID, NOW),
			State.WITHDRAWN, (r) -> r.withdraw("taken"));

	@ParameterizedTest
	@EnumSource
	void movesOnlyAsTheTableSays(State from) {
		VERBS.forEach((to, verb) -> {
			Request request = in(from);
			if (TABLE.get(from).contains(to)) {
				verb.accept(request);
				assertThat(request.state()).isEqualTo(to);
			}
			else {
				assertThatIllegalStateException().isThrownBy(() -> verb.accept(request));
				assertThat(request.state()).isEqualTo(from);
			}
		});
	}

	private static Request in(State state) {
		Request request = new Request("REQ-2026-0001", "Acme", DomainName.of("acme.example"), "Ines",
				EmailAddress.of("it@acme.example"), null, "files", java.util.Locale.ENGLISH, NOW);
		if (state != State.ASKED) {
			if (state == State.ACCEPTED || state == State.REJECTED) {
				request.confirm(NOW);
			}
			VERBS.get(state).accept(request);
		}
		return request;
	}

}
