package org.partnertls.connector;

import org.partnertls.account.Role;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.ActorSource;
import org.partnertls.exchange.ExchangeOnline;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * Whether the portal can do its work in the tenant, and what to grant where.
 */
@Controller
class ConnectionController {

	private final Connection connection;

	private final ExchangeOnline exchange;

	private final ActorSource actors;

	ConnectionController(Connection connection, ExchangeOnline exchange, ActorSource actors) {
		this.connection = connection;
		this.exchange = exchange;
		this.actors = actors;
	}

	@GetMapping("/connection")
	String show(SignedIn person, Model model) {
		model.addAttribute("look", this.connection.last().orElse(null));
		model.addAttribute("connected", this.exchange.configured());
		model.addAttribute("tenant", this.exchange.tenantId());
		model.addAttribute("admin", person.is(Role.ADMIN));
		return "connectors/connection";
	}

	@PostMapping("/connection/checks")
	String check(RedirectAttributes flash) {
		boolean good = this.connection.look(this.actors.current()).isGood();
		flash.addFlashAttribute("flash",
				good ? "Everything that is needed works." : "Something is missing; see below.");
		flash.addFlashAttribute("flashTone", good ? "good" : "bad");
		return "redirect:/connection";
	}

}
