package org.partnertls.onboarding;

import java.util.List;

import org.partnertls.onboarding.Recipe.Direction;
import org.partnertls.onboarding.Recipe.Step;

/**
 * Mail gateways that are set by hand in a web console. The consoles change; the texts
 * name what to look for and leave nothing out that the vendors' pages confirm.
 */
final class GatewayRecipes {

	private static final String OLDER_FILTER = """
			The message stays with us, is tried again, and goes back to our sender after about a day. It is refused \
			before its content is sent.""";

	private GatewayRecipes() {
	}

	static Recipe mimecast(RecipeNames names) {
		return new Recipe(MailPlatform.MIMECAST, """
				An account in the Mimecast Administration Console that may edit Gateway Policies. Mimecast speaks TLS \
				1.2 and 1.3 only. Set up both policies: each covers one direction.""", new Direction(
				names.fill("All mail that Mimecast delivers for you to [[domains]]."),
				List.of(look("Policies › Gateway Policies › Secure Delivery", names), backup(), Step.tryOut("""
						Create a definition for Secure Delivery with "Enforced TLS" and the strict trust mode \
						(relaxed accepts certificates that nobody vouches for). A definition does nothing \
						before a policy uses it.""", null),
						Step.change("""
								Add a policy that uses it: from internal addresses, to the domains below, one policy \
								for each. A more specific policy wins over a general one, so leave what is there.""",
								names.fill("[[domains.lines]]")),
						Step.reload("Save; nothing has to be restarted.", null), Step.check("""
								Send us the test message from the task list and look at its delivery in the message \
								tracking: it must say that TLS was used.""", null),
						undo("the policies, then the definition")),
				"""
						Mimecast keeps the message, tries again and returns it to the sender in the end, as \
						your delivery settings say. It is never sent in clear text."""),
				new Direction(names.fill("All mail that Mimecast receives for you from senders in [[domains]]."),
						List.of(look("Policies › Gateway Policies › Secure Receipt", names), backup(), Step.tryOut("""
								Create a definition for Secure Receipt with enforced TLS. A definition does nothing \
								before a policy uses it. In the message tracking see that our mail of the last days \
								came over TLS.""", null), Step.change("""
								Add a policy that uses it: from the domains below, to internal addresses, one policy \
								for each. Leave what is there.""", names.fill("[[domains.lines]]")), Step
							.reload("Save; nothing has to be restarted.", null), Step.check("""
									Confirm the test message that we send you: it must still arrive, and the message \
									tracking must say that TLS was used.""", null),
								undo("the policies, then the definition")),
						OLDER_FILTER));
	}

	static Recipe proofpointEssentials(RecipeNames names) {
		return new Recipe(MailPlatform.PROOFPOINT_ESSENTIALS, """
				An organisation administrator account in Proofpoint Essentials. (Proofpoint Protection Server and \
				Proofpoint on Demand are other products: use the list under "Another platform".) TLS 1.2 or newer is \
				used.""",
				new Direction(names.fill("All mail that Proofpoint Essentials delivers for you to [[domains]]."),
						List.of(look("the outbound filters", names), backup(), Step.tryOut("""
								In the logs, look at mail to us of the last days: it should have been delivered over \
								TLS.""", null), Step.change("""
								Add an outbound filter for the whole company: recipient domain is one of the domains \
								below, action Nothing, secondary action "Enforce completely secure SMTP delivery" \
								(which insists on a valid, matching certificate). One filter for each domain; leave \
								those that are there.""", names.fill("[[domains.lines]]")),
								Step.reload("Save; nothing has to be restarted.", null),
								Step.check("Send us the test message from the task list and look at its log entry.",
										null),
								undo("the filters")),
						"""
								Proofpoint keeps the message, tries again and returns it to the sender in the end. It \
								is never sent in clear text."""),
				new Direction(
						names
							.fill("""
									The way of mail from [[domains]] from Proofpoint to your own server. Whether Proofpoint refuses \
									clear text from us on its own doorstep is not documented: ask its support, and answer "not \
									possible on our platform" if it cannot."""),
						List.of(look("the inbound filters", names), backup(), Step.tryOut("""
								Make sure that your own server, behind Proofpoint, offers TLS with a certificate that \
								is valid for its name. Otherwise nothing from us would be delivered any more.""", null),
								Step.change(
										"""
												Add an inbound filter for the whole company: sender domain is one of the domains below, \
												action Nothing, secondary action "Enforce only TLS on SMTP delivery" or "Enforce \
												completely secure SMTP delivery". One filter for each domain; leave those that are \
												there.""",
										names.fill("[[domains.lines]]")),
								Step.reload("Save; nothing has to be restarted.", null),
								Step.check("Confirm the test message that we send you: it must still arrive.", null),
								undo("the filters")),
						"""
								Proofpoint keeps the message, tries to deliver it to your server again and returns it \
								to our sender in the end."""));
	}

	static Recipe ciscoEsa(RecipeNames names) {
		return new Recipe(MailPlatform.CISCO_ESA, """
				An administrator account on the Cisco Secure Email Gateway, formerly ESA. A change acts only after \
				Commit Changes. Menus are those of AsyncOS's web interface; the command line has destconfig and \
				listenerconfig for the same.""", new Direction(
				names.fill("All mail that this gateway delivers to [[domains]]."),
				List.of(look("Mail Policies › Destination Controls", names), backupCisco(), Step.tryOut("""
						On the command line, tlsverify connects to one of our domains and checks the \
						certificate, without sending anything. It must succeed for each domain.""", null), Step
					.change("""
							Add a destination for each domain below, with TLS Support: Required - Verify. Leave the \
							Default entry and all others as they are. Under Edit Global Settings you may switch on \
							the alert for failing required TLS.""", names.fill("[[domains.lines]]")),
						Step.reload("Press Commit Changes and say in the comment what it is for.", null), Step.check("""
								Send us the test message from the task list; Message Tracking must say that TLS \
								succeeded for its delivery.""", null),
						Step.undo("Delete these destinations and commit: the Default entry then holds again.", null)),
				"""
						The message waits in the delivery queue and is tried again until your bounce profile \
						gives it back to the sender. It is never sent in clear text."""),
				new Direction(names.fill("""
						Mail from [[domains]] that this gateway receives from our sending servers, whose \
						certificates name [[sending]]. The gateway decides by sending host, before it knows the \
						sender's address."""), List.of(
						look("Mail Policies › HAT Overview and Mail Flow Policies", names), backupCisco(),
						Step.tryOut("""
								In Message Tracking see that our mail of the last days came over TLS. Our servers may \
								stand in a sender group together with others; in that case all of them are held to \
								TLS.""", null), Step.change(names.fill("""
								Create a mail flow policy with TLS: Required and a sender group of its own for our \
								sending hosts that uses it, before the groups that match them today. Where our hosts \
								are shared with others, use TLS: Preferred with "TLS is mandatory for address list" \
								instead, with a list of the domains below. Ask us for our sending hosts: [[support]].\
								"""), names.fill("[[domains.lines]]")),
						Step.reload("Press Commit Changes and say in the comment what it is for.", null),
						Step.check("Confirm the test message that we send you: it must still arrive.", null),
						Step.undo("Delete the sender group, then the mail flow policy, and commit.", null)),
						OLDER_FILTER));
	}

	static Recipe cloudflare(RecipeNames names) {
		return new Recipe(MailPlatform.CLOUDFLARE, """
				An account in the Cloudflare dashboard that may edit Email Security (formerly Area 1). Your MX records \
				must point at Cloudflare. It only receives: for the other direction take the recipe of what you send \
				with.""", null,
				new Direction(names.fill("""
						Mail from senders in [[domains]] that Cloudflare receives for you. The way from Cloudflare to \
						your own server is not covered: have that server require TLS too."""),
						List.of(look(
								"Email Security › Settings › Email Configuration › Domains & Routing › Partner Domains TLS",
								names), backup(), Step.tryOut("""
										Look at a message that came from us lately: the Received line of Cloudflare's \
										server should name TLS.""", null),
								Step.change("""
										Choose New and add each of the domains below. Leave those that are there.""",
										names.fill("[[domains.lines]]")),
								Step.reload("Save; nothing has to be restarted.", null),
								Step.check("Confirm the test message that we send you: it must still arrive.", null),
								undo("our domains from that list")),
						OLDER_FILTER));
	}

	private static Step look(String where, RecipeNames names) {
		return Step.look(names.fill("""
				Open %s and see whether one of our domains ([[domains]]) stands there already. If so, make that entry \
				as strict as described below instead of adding a second.""".formatted(where)), null);
	}

	private static Step backup() {
		return Step.backup("Take a screenshot of the list, or export it where the console offers that.", null);
	}

	private static Step backupCisco() {
		return Step.backup("""
				System Administration › Configuration File: save the present configuration, with passwords masked, to \
				your computer.""", null);
	}

	private static Step undo(String what) {
		return Step.undo("Delete " + what + " again. Everything else was left as it was.", null);
	}

}
