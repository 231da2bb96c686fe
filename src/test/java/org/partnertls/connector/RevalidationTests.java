package org.partnertls.connector;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import lab.ExchangeValidator;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationListener;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class RevalidationTests extends TenantTest {

	private static final ExchangeValidator FAILING = (recipients, connector) -> List
		.of(new ExchangeValidator.Task("Check connectivity", false, Map.of("Detail", "certificate expired")));

	@Autowired
	private Revalidation revalidation;

	@Autowired
	private TransactionTemplate transaction;

	@Test
	void aConnectorThatStandsIsValidatedOnceMoreAndNothingIsWritten() {
		Wanted wanted = enforced();
		Instant moment = Instant.now();
		this.transaction.executeWithoutResult((status) -> this.connectors.validateAgain(wanted.partnerId()));
		assertThat(this.jdbc
			.sql("select count(*) from scheduled_tasks where task_name = 'connector-revalidation'"
					+ " and task_instance = ?")
			.param(wanted.partnerId().toString())
			.query(Integer.class)
			.single()).isEqualTo(1);
		List<ConnectorEvent.Revalidated> heard = listen();

		this.revalidation.run(wanted.partnerId(), 1);

		assertThat(heard).singleElement().satisfies((event) -> {
			assertThat(event.partnerId()).isEqualTo(wanted.partnerId());
			assertThat(event.successful()).isTrue();
		});
		assertThat(callsSince(moment)).contains("Validate-OutboundConnector");
		assertThat(writesSince(moment)).containsExactly("Validate-OutboundConnector");
		assertThat(this.fixtures.events("connector.outbound-revalidated", wanted.partnerId())).isEqualTo(1);
	}

	@Test
	void onlyTheLastOfSeveralFailuresCounts() {
		Wanted wanted = enforced();
		TENANT.validator(FAILING);
		List<ConnectorEvent.Revalidated> heard = listen();
		for (int attempt = 1; attempt < 3; attempt++) {
			int now = attempt;
			assertThatExceptionOfType(Revalidation.NotYetValid.class)
				.isThrownBy(() -> this.revalidation.run(wanted.partnerId(), now))
				.withMessageContaining("certificate expired");
		}
		assertThat(heard).isEmpty();
		this.revalidation.run(wanted.partnerId(), 3);
		assertThat(heard).singleElement().satisfies((event) -> {
			assertThat(event.successful()).isFalse();
			assertThat(event.words()).contains("certificate expired");
		});
		assertThat(this.jdbc.sql("select count(*) from connector_validation where partner_id = ? and not successful")
			.param(wanted.partnerId())
			.query(Integer.class)
			.single()).as("each is kept").isEqualTo(3);
		assertThat(this.fixtures.events("connector.outbound-revalidated.failed", wanted.partnerId())).isEqualTo(1);
		assertThat(outbound(wanted).getFirst()).as("and switches nothing off").containsEntry("Enabled", true);
	}

	@Test
	void whereThereIsNothingToValidateAPersonHasTo() {
		List<ConnectorEvent.Revalidated> heard = listen();
		Wanted wanted = wanted(Fixtures.freshDomain());
		this.revalidation.run(wanted.partnerId(), 1);
		assertThat(heard).singleElement().satisfies((event) -> assertThat(event.successful()).isNull());
	}

	private List<ConnectorEvent.Revalidated> listen() {
		List<ConnectorEvent.Revalidated> heard = new ArrayList<>();
		this.context.addApplicationListener((ApplicationListener<PayloadApplicationEvent<ConnectorEvent>>) (event) -> {
			if ((Object) event.getPayload() instanceof ConnectorEvent.Revalidated payload) {
				heard.add(payload);
			}
		});
		return heard;
	}

}
