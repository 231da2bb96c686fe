package lab;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import static lab.LabLayout.escape;
import static lab.LabPages.copyButton;
import static lab.LabPages.field;
import static lab.LabPages.section;
import static lab.LabPages.table;
import static lab.LabPages.time;

/**
 * The partners' side: what their domains publish, how their mail servers behave, what
 * they send and what arrived there.
 */
final class PartnerPages {

	/** The faults that people meet, each in a few words. */
	private static final Map<PartnerMailServer.Fault, String> FAULTS = Arrays.stream(PartnerMailServer.Fault.values())
		.collect(Collectors.toMap((fault) -> fault, PartnerPages::words, (a, b) -> a, LinkedHashMap::new));

	private final Neighbourhood neighbourhood;

	private final Map<String, PartnerMailClient.Dialogue> dialogues = new ConcurrentHashMap<>();

	PartnerPages(Neighbourhood neighbourhood) {
		this.neighbourhood = neighbourhood;
	}

	/**
	 * Adds one.
	 * @return where to go on
	 */
	String add(Map<String, String> form) {
		return "/partners/"
				+ this.neighbourhood.addPartner(form.getOrDefault("name", ""), form.getOrDefault("domain", ""))
					.domain();
	}

	/**
	 * Does what a form says.
	 * @return where to go on; null when there is no such form
	 */
	String change(String domain, String what, Map<String, String> form) {
		Neighbourhood.Partner partner = this.neighbourhood.partner(domain);
		switch (what) {
			case "texts" ->
				this.neighbourhood.publish(partner, form.getOrDefault("name", ""), form.getOrDefault("text", ""));
			case "texts-removal" ->
				this.neighbourhood.withdraw(partner, form.getOrDefault("name", ""), form.getOrDefault("text", ""));
			case "fault" -> this.neighbourhood.fault(partner,
					PartnerMailServer.Fault.valueOf(form.getOrDefault("fault", "").strip()));
			case "published" -> this.neighbourhood.publish(partner, Published.of(form));
			case "requirement" ->
				this.neighbourhood.requireTlsFromUs(partner, Boolean.parseBoolean(form.get("required")));
			case "test-message" -> this.dialogues.put(partner.domain(), this.neighbourhood.sendTestMessage(partner,
					form.getOrDefault("to", ""), Boolean.parseBoolean(form.get("tls"))));
			default -> {
				return null;
			}
		}
		String place = what.equals("test-message") ? "#sent" : "";
		return "/partners/" + partner.domain() + place;
	}

	/**
	 * All of them, and a form for one more.
	 */
	String list() {
		String rows = this.neighbourhood.partners()
			.stream()
			.map((partner) -> """
					<tr><th scope="row"><a href="/partners/%s">%s</a><small>%s</small></th><td>%s</td><td>%s</td></tr>
					""".formatted(escape(partner.domain()), escape(partner.name()), escape(partner.domain()),
					health(partner), partner.server().received().size()))
			.collect(Collectors.joining());
		return """
				<h1>The partners' side</h1>
				<p class="lead">Each of these organisations has a mail domain, an MX record and a mail server.</p>
				%s
				<h2 class="mt-4">Add a partner</h2>
				<form method="post" action="/partners" class="card"><div class="card-body">
				%s%s
				<button class="btn btn-primary">Add</button></div></form>
				""".formatted(table("Partner", "Mail server", "Messages received", rows),
				field("name", "Organisation", "Contoso's new partner", "off"),
				field("domain", "Mail domain", "new-partner.example", "off"));
	}

	/**
	 * One of them.
	 */
	String one(Neighbourhood.Partner partner) {
		return """
				<p class="crumbs"><a href="/partners">The partners' side</a></p><h1>%s</h1>
				<p class="lead">%s · receives and sends with %s (%s, port %d)</p>
				%s%s%s%s%s
				""".formatted(escape(partner.name()), escape(partner.domain()), escape(partner.server().host()),
				escape(partner.server().address()), partner.server().port(), texts(partner), published(partner),
				testMessage(partner), server(partner), received(partner));
	}

	private String texts(Neighbourhood.Partner partner) {
		String action = "/partners/" + escape(partner.domain());
		String rows = this.neighbourhood.texts(partner)
			.stream()
			.map((text) -> """
					<tr><th scope="row" class="text-break">%s</th><td class="text-break">%s</td><td>
					<form method="post" action="%s/texts-removal"><input type="hidden" name="name" value="%s">
					<input type="hidden" name="text" value="%s"><button class="btn btn-sm btn-quiet">Remove</button></form></td></tr>
					"""
				.formatted(escape(text.name()), escape(text.text()), action, escape(text.name()), escape(text.text())))
			.collect(Collectors.joining());
		return section("DNS",
				"""
						%s
						<form method="post" action="%s/texts" class="card-body">%s%s
						<button class="btn btn-primary">Publish TXT record</button></form>
						""".formatted(rows.isEmpty() ? "" : table("Name", "Text", "", rows), action,
						field("name", "Name", "_tls-partner-challenge." + partner.domain(), "off"),
						field("text", "Text", "", "off")));
	}

	private String testMessage(Neighbourhood.Partner partner) {
		PartnerMailClient.Dialogue dialogue = this.dialogues.get(partner.domain());
		String result = (dialogue == null) ? ""
				: """
						<div class="card-body border-top" id="sent"><p class="%s"><strong>%s</strong> %s</p>
						<pre class="text-wrap mb-0">%s</pre>%s</div>
						""".formatted(dialogue.accepted() ? "good-text" : "bad-text",
						dialogue.accepted() ? "Delivered:" : "Not delivered:", escape(dialogue.finalReply()),
						escape(String.join("\n", dialogue.lines())), dialogue.accepted() ? source(partner) : "");
		return section("Send a test message",
				"""
						<form method="post" action="/partners/%s/test-message" class="card-body">%s
						<fieldset class="field"><legend class="form-label">How</legend>
						<div class="form-check"><input class="form-check-input" type="radio" name="tls" value="true" id="tls-yes" checked>
						<label for="tls-yes">With TLS</label></div>
						<div class="form-check"><input class="form-check-input" type="radio" name="tls" value="false" id="tls-no">
						<label for="tls-no">In clear text</label></div></fieldset>
						<button class="btn btn-primary">Send</button></form>%s
						"""
					.formatted(escape(partner.domain()),
							field("to", "To", Neighbourhood.TEST_ADDRESS.replace("@", "+…@"), "off"), result));
	}

	/** The newest message from the partner in our test mailbox. */
	private String source(Neighbourhood.Partner partner) {
		return this.neighbourhood.mail()
			.testMessages()
			.stream()
			.filter((source) -> source.contains("postmaster@" + partner.domain()))
			.findFirst()
			.map((source) -> """
					<h3 class="mt-3">As it lies in our test mailbox</h3>
					<p>%s</p><pre class="text-wrap" id="source">%s</pre>
					""".formatted(copyButton("source"), escape(source)))
			.orElse("");
	}

	private String server(Neighbourhood.Partner partner) {
		String action = "/partners/" + escape(partner.domain());
		String options = FAULTS.entrySet()
			.stream()
			.map((fault) -> "<option value=\"" + fault.getKey() + "\""
					+ ((fault.getKey() == partner.server().fault()) ? " selected" : "") + ">" + escape(fault.getValue())
					+ "</option>")
			.collect(Collectors.joining());
		boolean requires = partner.server().requiresTlsFrom(Neighbourhood.OUR_DOMAIN);
		return section("Mail server",
				"""
						<form method="post" action="%s/fault" class="card-body"><div class="field">
						<label class="form-label" for="fault">What is wrong with it</label>
						<select class="form-select" id="fault" name="fault">%s</select></div>
						<button class="btn btn-primary">Change</button></form>
						<form method="post" action="%s/requirement" class="card-body border-top"><p>%s</p>
						<input type="hidden" name="required" value="%s"><button class="btn btn-quiet">%s</button></form>
						""".formatted(action, options, action,
						requires ? "It refuses clear text from " + Neighbourhood.OUR_DOMAIN + "."
								: "It takes clear text from " + Neighbourhood.OUR_DOMAIN + ".",
						!requires, requires ? "Take clear text again" : "Refuse clear text from now on"));
	}

	private static String received(Neighbourhood.Partner partner) {
		List<PartnerMailServer.Received> mails = partner.server().received();
		String rows = mails.stream()
			.map((mail) -> """
					<tr><th scope="row">%s<small>to %s</small></th><td>%s</td><td>%s</td></tr>
					<tr><td colspan="3"><details><summary>Source</summary><pre class="text-wrap">%s</pre></details></td></tr>
					"""
				.formatted(escape(mail.from()), escape(String.join(", ", mail.to())),
						(mail.tls() != null) ? escape(mail.tls()) : "<span class=\"bad-text\">clear text</span>",
						time(mail.at()), escape(mail.source())))
			.collect(Collectors.joining());
		return section("Received messages",
				mails.isEmpty() ? "<div class=\"card-body\">None yet.</div>" : table("From", "Over", "At", rows));
	}

	private static String health(Neighbourhood.Partner partner) {
		PartnerMailServer.Fault fault = partner.server().fault();
		return "<span class=\"status " + ((fault == PartnerMailServer.Fault.NONE) ? "good" : "bad") + "\">"
				+ escape(FAULTS.get(fault)) + "</span>";
	}

	private static String words(PartnerMailServer.Fault fault) {
		return switch (fault) {
			case NONE -> "Works";
			case EXPIRED -> "Certificate expired";
			case EXPIRES_SOON -> "Certificate expires in four days";
			case SELF_SIGNED -> "Certificate self-signed";
			case WRONG_NAME -> "Certificate for another name";
			case MISSING_INTERMEDIATE -> "Intermediate certificate not sent";
			case NO_STARTTLS -> "No STARTTLS";
			default -> {
				String plain = fault.name().replace('_', ' ');
				yield plain.charAt(0) + plain.substring(1).toLowerCase(Locale.ROOT);
			}
		};
	}

	private static String published(Neighbourhood.Partner partner) {
		Published now = partner.publishes();
		return section("What the domain publishes about TLS",
				"""
						<form method="post" action="/partners/%s/published" class="card-body">%s%s%s%s
						<button class="btn btn-primary">Publish</button></form>
						""".formatted(escape(partner.domain()),
						select("policy", "MTA-STS policy", Published.Policy.values(), now.policy()),
						select("signing", "Signatures on its DNS (DNSSEC)", Published.Signing.values(), now.signing()),
						select("tlsa", "TLSA record of the mail server (DANE)", Published.Tlsa.values(), now.tlsa()),
						select("reporting", "Wants reports about TLS (TLS-RPT)", Published.Reporting.values(),
								now.reporting())));
	}

	private static String select(String name, String label, Enum<?>[] choices, Enum<?> chosen) {
		String options = Arrays.stream(choices)
			.map((choice) -> "<option value=\"" + choice.name() + "\"" + ((choice == chosen) ? " selected" : "") + ">"
					+ escape(choice) + "</option>")
			.collect(Collectors.joining());
		return """
				<div class="field"><label class="form-label" for="%1$s">%2$s</label>
				<select class="form-select" id="%1$s" name="%1$s">%3$s</select></div>
				""".formatted(name, escape(label), options);
	}

}
