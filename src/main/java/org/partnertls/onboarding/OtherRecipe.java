package org.partnertls.onboarding;

import java.util.List;

import org.partnertls.onboarding.Recipe.Direction;
import org.partnertls.onboarding.Recipe.Step;

/**
 * For a platform that we know no recipe for, or one that a provider runs: what is
 * required, and a text to send to whoever can set it.
 */
final class OtherRecipe {

	private OtherRecipe() {
	}

	static Recipe with(RecipeNames names) {
		return new Recipe(MailPlatform.OTHER, names.fill("""
				Whoever runs the server or gateway that exchanges your mail with the Internet: your own team, or your \
				provider. If they know how their product does what is written here, you need nothing more. \
				[[organization]] helps: [[support]]."""), toUs(names), fromUs(names));
	}

	private static Direction toUs(RecipeNames names) {
		return new Direction(names.fill("""
				All mail that you send to [[domains]], from every server and service that sends in your name."""),
				List.of(Step.look("""
						Find the list of domains toward which TLS is required. Usual names: forced, enforced, \
						mandatory or required TLS; TLS policy; secure delivery; destination control; partner \
						connector. See whether one of our domains stands there. "Opportunistic" or "preferred" is \
						not enough: it falls back to clear text without a word.""", null), backup(), Step.tryOut("""
						If the product can test a TLS connection to a domain, test ours. If it can log before it \
						enforces, do that for a day.""", null), Step.change(names.fill("""
						Add our domains to that list, and keep what stands there: TLS required; TLS 1.2 or newer; \
						the server's certificate must come from a trusted authority and be valid; if a name can \
						be given, it is [[mx]]. If somebody else runs it, send them this text."""), names.fill("""
						Please require TLS for all mail that our organisation sends to these domains:
						[[domains.lines]]
						- TLS 1.2 or newer, never clear text
						- certificate from a trusted authority, valid, for [[mx]]
						- route by MX record as before
						Please tell us:
						1. Can you do this per domain? From when does it act?
						2. What happens to a message that cannot be encrypted: does it wait, for how \
						long, and who is told? It must not be sent in clear text.
						3. Does it hold for every server and service that sends for us?""")),
						Step.reload("Save or apply the change, and ask how long it takes to act.", null),
						Step.check("Send us the test message from the task list. We see on our side how it came.",
								null),
						Step.undo("Take our domains out of the list again; leave the others.", null)),
				"""
						It must wait and, after a while, be returned to the sender. If your product would send it in \
						clear text instead, it does not meet the requirement: answer "not possible on our \
						platform".""");
	}

	private static Direction fromUs(RecipeNames names) {
		return new Direction(names.fill("""
				All mail that reaches you with a sender address in [[domains]], at the server that your MX records \
				name."""), List.of(Step.look("""
				Find the list of sender domains (or sending hosts) from which TLS is required. Usual names: secure \
				receipt, inbound TLS policy, partner connector, mail flow policy. Make sure that the server offers \
				TLS with a valid certificate: otherwise nothing from us would arrive any more.""", null), backup(),
				Step.tryOut("""
						Look at a message that came from us lately: the Received line of your server should name TLS \
						or ESMTPS. If the product can log before it enforces, do that for a day.""", null),
				Step.change(
						names
							.fill("""
									Add our domains to that list, and keep what stands there: refuse what does not come over TLS. If \
									the product decides by sending host, our servers' certificates name [[sending]]. If somebody \
									else runs it, send them this text."""),
						names
							.fill("""
									Please refuse mail from these sender domains unless it comes over TLS:
									[[domains.lines]]
									- refuse with a temporary error (4xx) before the content is sent
									- do not require TLS of everybody: other senders stay as they are
									- our MX must offer TLS 1.2 or newer with a valid certificate
									Please tell us:
									1. Can you do this per sender domain? If only per sending host: their certificates name \
									[[sending]].
									2. From when does it act, and does it hold for every MX host?
									3. How can we see that it works?""")),
				Step.reload("Save or apply the change, and ask how long it takes to act.", null),
				Step.check("Confirm the test message that we send you: it must still arrive.", null),
				Step.undo("Take our domains out of the list again; leave the others.", null)), """
						Your server refuses the message before its content is sent. Our side keeps it, tries again and \
						returns it to our sender after about a day.""");
	}

	private static Step backup() {
		return Step.backup("Export the setting, or take a screenshot of it.", null);
	}

}
