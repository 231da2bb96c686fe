package org.partnertls.onboarding;

import java.util.List;

import org.partnertls.onboarding.Recipe.Direction;
import org.partnertls.onboarding.Recipe.Step;

/**
 * Google Workspace: the setting "Secure transport (TLS) compliance" with an address list
 * (support.google.com/a/answer/2520500).
 */
final class GoogleWorkspaceRecipe {

	private static final String PATH = """
			Admin console › Apps › Google Workspace › Gmail › Compliance › Secure transport (TLS) compliance""";

	private GoogleWorkspaceRecipe() {
	}

	static Recipe with(RecipeNames names) {
		return new Recipe(MailPlatform.GOOGLE_WORKSPACE, """
				An administrator account with the Gmail settings privilege at admin.google.com. The setting is found \
				under: %s. Choose the top organisational unit, so that it holds for everybody.""".formatted(PATH),
				toUs(names), fromUs(names));
	}

	private static Direction toUs(RecipeNames names) {
		return new Direction(names.fill("""
				All mail that your organisation sends by Gmail to [[domains]]."""), List.of(look(names), backup(),
				Step.tryOut(names.fill("""
						In the setting, before you save: choose Outbound, use the address list with our domains, tick \
						"Require CA-signed certificate" and, where it is offered, the validation of the host name. \
						Then press "Test TLS connection": it must succeed for each of our domains."""), null),
				change("Outbound", names), reload(), Step.check("""
						Open the setting again and see that it is enabled with Outbound and our domains. After 24 \
						hours send us the test message from the task list: we see on our side how it came.""", null),
				undo("Outbound", names)), """
						Google tries once and then returns the message to the sender at once, with the reason. It is \
						never sent in clear text. Nothing waits in a queue, so a fault is seen immediately: please \
						phone us when it happens.""");
	}

	private static Direction fromUs(RecipeNames names) {
		return new Direction(names.fill("""
				All mail that Gmail receives from senders in [[domains]]. It refuses what does not come over TLS; it \
				does not prove who the sender is. If a gateway stands in front of Gmail, refuse clear text on that \
				gateway: Gmail only sees the gateway."""), List.of(look(names), backup(), Step.tryOut("""
				Open a message that came from us lately, choose "Show original" and look at the Received line \
				of mx.google.com: it should say "version=TLS1_2" or "version=TLS1_3". If it does not, tell us \
				before you go on.""", null), change("Inbound", names), reload(), Step.check("""
				Open the setting again and see that it is enabled with Inbound and our domains. After 24 hours \
				confirm the test message that we send you: it must still arrive.""", null), undo("Inbound", names)), """
				Google refuses the message before its content is sent. Our side returns it to our sender, at \
				once or after about a day, depending on Google's answer.""");
	}

	private static Step look(RecipeNames names) {
		return Step.look(names.fill("""
				Open %s. See whether an entry stands there, which direction it has, and which address list it uses. If \
				there is one for partners, add our domains to its address list instead of making a second entry. Two \
				entries do not disturb each other as long as they name different domains.""".formatted(PATH)), null);
	}

	private static Step backup() {
		return Step.backup("""
				Take a screenshot of the entry and of its address list (Apps › Google Workspace › Gmail › Routing › \
				Manage address lists). The admin audit log keeps every change as well.""", null);
	}

	private static Step change(String direction, RecipeNames names) {
		return Step.change(names.fill("""
				Press Configure, or Add another rule. Name the entry "TLS with [[primary]]", tick %s, and choose an \
				address list that names our domains: add them to the list that you have, or create one with the lines \
				below. Save. One entry may have both directions ticked; to do one direction on its own, tick only \
				that.""".formatted(direction)), names.fill("[[domains.lines]]"));
	}

	private static Step reload() {
		return Step.reload("Nothing to do: Google takes the setting up by itself, within 24 hours.", null);
	}

	private static Step undo(String direction, RecipeNames names) {
		return Step.undo(names.fill("""
				Open the entry "TLS with [[primary]]" and take the tick from %s, or disable it. If you added our \
				domains to a list that you had, take them out of it. Either acts within 24 hours.\
				""".formatted(direction)), null);
	}

}
