package org.partnertls.connector;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.Role;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.organization.Csv;

import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageRequest;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * All connectors that we made, and the changes that somebody has to look at.
 */
@Controller
class ConnectorController {

	private static final int PAGE = 50;

	private final Connectors connectors;

	private final OwnConnectors own;

	private final Changes changes;

	private final Drifts drifts;

	private final Gate gate;

	private final Rollouts rollouts;

	private final ExchangeOnline exchange;

	private final AuditLog audit;

	ConnectorController(Connectors connectors, OwnConnectors own, Changes changes, Drifts drifts, Gate gate,
			Rollouts rollouts, ExchangeOnline exchange, AuditLog audit) {
		this.connectors = connectors;
		this.own = own;
		this.changes = changes;
		this.drifts = drifts;
		this.gate = gate;
		this.rollouts = rollouts;
		this.exchange = exchange;
		this.audit = audit;
	}

	@GetMapping("/connectors")
	@Transactional(readOnly = true)
	String index(@RequestParam(defaultValue = "1") int page, SignedIn person, Model model) {
		int number = Math.clamp(page, 1, 100_000);
		Page<OwnConnector> found = this.own.page(this.exchange.tenantId(), PageRequest.of(number - 1, PAGE));
		model.addAttribute("rows", rows(found));
		model.addAttribute("total", found.getTotalElements());
		model.addAttribute("previous", (number > 1) ? "/connectors?page=" + (number - 1) : null);
		model.addAttribute("next", found.hasNext() ? "/connectors?page=" + (number + 1) : null);
		model.addAttribute("open",
				this.changes.current(this.exchange.tenantId()).stream().map(ChangeView::of).toList());
		model.addAttribute("admin", person.is(Role.ADMIN));
		model.addAttribute("paused", this.gate.pause().isPresent());
		model.addAttribute("closed", this.gate.closed().orElse(null));
		model.addAttribute("rollout", this.rollouts.view().orElse(null));
		model.addAttribute("drifted", this.drifts.open(this.exchange.tenantId()).size());
		model.addAttribute("connected", this.exchange.configured());
		return "connectors/index";
	}

	@GetMapping("/connectors/list.csv")
	void csv(HttpServletResponse response) throws IOException {
		this.audit.appendAlone(Act.of("connector.list-exported"));
		try (Csv csv = Csv.attached(response, "connectors", "connector", "partner", "direction", "state",
				"enforced since", "seen at", "id in the tenant")) {
			int page = 0;
			Page<OwnConnector> found;
			do {
				found = this.own.page(this.exchange.tenantId(), PageRequest.of(page++, 500));
				rows(found).forEach((row) -> csv.line(row.name(), row.partnerName(), row.direction(), row.way().words(),
						row.since(), row.seenAt(), row.guid()));
			}
			while (found.hasNext());
		}
	}

	private List<Row> rows(Page<OwnConnector> found) {
		Map<UUID, Directions> directions = this.connectors
			.directions(found.stream().map(OwnConnector::partnerId).distinct().toList());
		return found.stream()
			.map((connector) -> Row.of(connector, Objects.requireNonNull(directions.get(connector.partnerId()))))
			.toList();
	}

	/** A connector in the list. */
	record Row(String name, String guid, String direction, UUID partnerId, String partnerName, Directions.Way way,
			@Nullable Instant since, Instant seenAt) {

		static Row of(OwnConnector connector, Directions directions) {
			return new Row(connector.name(), connector.guid(), connector.direction().words(), connector.partnerId(),
					connector.partnerName(),
					(connector.direction() == Direction.OUTBOUND) ? directions.out() : directions.in(),
					connector.enforcedSince(), connector.seenAt());
		}

	}

}
