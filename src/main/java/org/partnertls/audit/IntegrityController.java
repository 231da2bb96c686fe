package org.partnertls.audit;

import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

import jakarta.servlet.http.HttpServletResponse;

/**
 * The pages on which the history proves itself: newest checkpoint, comparison with an
 * older one, verification; and the erasure of a person.
 */
@Controller
class IntegrityController {

	private static final String PAGE = "/history/integrity";

	private final Proofs proofs;

	private final Verifications verifications;

	private final HandOut handOut;

	private final Erasure erasure;

	private final AuditLog audit;

	private final ActorSource actors;

	private final JdbcClient jdbc;

	IntegrityController(Proofs proofs, Verifications verifications, HandOut handOut, Erasure erasure, AuditLog audit,
			ActorSource actors, JdbcClient jdbc) {
		this.proofs = proofs;
		this.verifications = verifications;
		this.handOut = handOut;
		this.erasure = erasure;
		this.audit = audit;
		this.actors = actors;
		this.jdbc = jdbc;
	}

	@GetMapping(PAGE)
	String show(Model model) {
		model.addAttribute("form", new Pasted(""));
		return page(model);
	}

	/** The newest checkpoint as it is kept elsewhere. */
	@GetMapping(path = PAGE + "/checkpoint", produces = MediaType.TEXT_PLAIN_VALUE)
	ResponseEntity<String> checkpoint() {
		return this.proofs.latest()
			.map((checkpoint) -> ResponseEntity.ok()
				.contentType(new MediaType(MediaType.TEXT_PLAIN, java.nio.charset.StandardCharsets.UTF_8))
				.body(checkpoint.note()))
			.orElseGet(() -> ResponseEntity.notFound().build());
	}

	/** The proof of one event (C2SP tlog-proof), for whoever checks it elsewhere. */
	@GetMapping("/history/{id}/proof")
	ResponseEntity<String> proof(@PathVariable UUID id) {
		Inclusion inclusion = this.proofs.inclusion(id)
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
		return ResponseEntity.ok()
			.header("Content-Disposition", "attachment; filename=\"event-" + inclusion.index() + ".tlog-proof\"")
			.contentType(new MediaType(MediaType.TEXT_PLAIN, java.nio.charset.StandardCharsets.UTF_8))
			.body(inclusion.text());
	}

	@PostMapping("/history/verifications")
	String verify(RedirectAttributes flash) {
		this.verifications.ask(this.actors.current().id());
		flash.addFlashAttribute("flash", "The verification has been asked for. It goes on when you leave this page.");
		return "redirect:" + PAGE + "#verification";
	}

	/** Compares an older checkpoint with the history as it is now. */
	@PostMapping("/history/comparison")
	String compare(@ModelAttribute("form") Pasted form, BindingResult errors, Model model,
			HttpServletResponse response) {
		Checkpoint pasted;
		try {
			pasted = Checkpoint.of(form.text());
		}
		catch (IllegalArgumentException ex) {
			errors.rejectValue("checkpoint", "checkpoint", String.valueOf(ex.getMessage()));
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			return page(model);
		}
		Comparison comparison = compare(pasted);
		this.audit.appendAlone(
				comparison.told(Act.of("checkpoint.compared").detail("size", pasted.size()), pasted.rootWords()));
		model.addAttribute("comparison", comparison);
		return page(model);
	}

	private Comparison compare(Checkpoint pasted) {
		Checkpoint newest = this.proofs.sealed().orElse(null);
		if (newest == null) {
			return Comparison.no("Nothing has been signed here yet, so there is nothing to compare with.");
		}
		if (!pasted.origin().equals(newest.origin())) {
			return Comparison.no("This checkpoint speaks of another history, “" + pasted.origin() + "”.");
		}
		if (this.proofs.keys().stream().noneMatch((key) -> key.signed(pasted.note()))) {
			return Comparison
				.no("This checkpoint was not signed by a key of this portal, or it was changed on its way.");
		}
		if (pasted.size() > newest.size()) {
			return Comparison.no("This checkpoint covers " + pasted.size() + " events, but the history holds only "
					+ newest.size() + ": its end has been cut off.");
		}
		try {
			List<byte[]> proof = this.proofs.consistency(pasted.size(), newest.size());
			return Merkle.consistent(pasted.size(), pasted.root(), newest.size(), newest.root(), proof)
					? new Comparison(true,
							"The first " + pasted.size() + " of now " + newest.size()
									+ " events are what they were when this checkpoint was signed.",
							proof.stream().map(Base64.getEncoder()::encodeToString).toList(), newest)
					: Comparison.no("The first " + pasted.size()
							+ " events are not what they were when this checkpoint was signed.");
		}
		catch (Tree.Damaged ex) {
			return Comparison.no(ex.getMessage() + " Start a verification below.");
		}
	}

	@GetMapping("/history/erasure")
	String erasure(@RequestParam(defaultValue = "") String words, Model model) {
		String wanted = words.strip();
		model.addAttribute("words", wanted);
		model.addAttribute("people", (wanted.length() < 3) ? List.of() : this.erasure.find(wanted));
		return "history/erasure";
	}

	@PostMapping("/history/erasure")
	String erase(@RequestParam(defaultValue = "") List<String> person, @RequestParam(defaultValue = "") String words,
			@RequestParam(defaultValue = "") String reason, @RequestParam(defaultValue = "false") boolean understood,
			Model model, HttpServletResponse response, RedirectAttributes flash) {
		String problem = person.isEmpty() ? "Choose whom to erase."
				: reason.isBlank() ? "Say why; it stays in the history." : !understood
						? "Tick that you know that this cannot be undone."
						: this.erasure.needed(person).stream().reduce((one, other) -> one + " " + other).orElse(null);
		if (problem == null) {
			Long number = this.erasure
				.erase(person, reason.strip().substring(0, Math.min(reason.strip().length(), 1000)))
				.orElse(null);
			if (number != null) {
				flash.addFlashAttribute("flash", "Erased. The history shows this person as “erased contact " + number
						+ "” from now on, and all proofs still hold.");
				return "redirect:/history/erasure";
			}
			problem = "Nothing is kept of whom you chose any more.";
		}
		response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
		model.addAttribute("problem", problem);
		model.addAttribute("chosen", person);
		model.addAttribute("reason", reason);
		return erasure(words, model);
	}

	/** What is kept of a person, as a file for them. */
	@PostMapping("/history/erasure/copy")
	ResponseEntity<String> copy(@RequestParam(defaultValue = "") List<String> person) {
		if (person.isEmpty()) {
			throw new ResponseStatusException(HttpStatus.NOT_FOUND);
		}
		return ResponseEntity.ok()
			.header("Content-Disposition", "attachment; filename=\"person.json\"")
			.contentType(MediaType.APPLICATION_JSON)
			.body(JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(this.erasure.copy(person)));
	}

	private String page(Model model) {
		List<Verifications.Run> runs = this.verifications.latest();
		model.addAttribute("seal", this.proofs.seal());
		model.addAttribute("signing", this.proofs.signing());
		model.addAttribute("keys", this.proofs.keys());
		model.addAttribute("given", this.handOut.newest());
		model.addAttribute("runs", runs);
		model.addAttribute("current", runs.stream().filter(Verifications.Run::underWay).findFirst().orElse(null));
		model.addAttribute("archives", archives());
		return "history/integrity";
	}

	private List<Map<String, @Nullable Object>> archives() {
		return this.jdbc.sql(
				"select to_char(month, 'YYYY-MM') as month, class, file, events, sha256 from audit_archive order by month desc, class")
			.query()
			.listOfRows();
	}

	/**
	 * What somebody pasted.
	 *
	 * @param checkpoint the text
	 */
	record Pasted(@Nullable String checkpoint) {

		String text() {
			return (this.checkpoint != null) ? this.checkpoint : "";
		}

	}

	/**
	 * How an older checkpoint fits.
	 *
	 * @param consistent whether it does
	 * @param words the answer in a sentence
	 * @param proof the consistency proof (RFC 6962, section 2.1.2) in base64
	 * @param newest what it was compared with; null where it came to no comparison
	 */
	record Comparison(boolean consistent, String words, List<String> proof, @Nullable Checkpoint newest) {

		static Comparison no(String words) {
			return new Comparison(false, words, List.of(), null);
		}

		/** The proof and what it leads to, as text. */
		public String text() {
			return String.join("\n", this.proof) + "\n\n" + ((this.newest != null) ? this.newest.note() : "");
		}

		Act told(Act act, String root) {
			act.detail("root", root).detail("consistent", this.consistent);
			return this.consistent ? act : act.failed();
		}

	}

}
