package org.partnertls.onboarding;

import java.util.Arrays;
import java.util.List;

import org.partnertls.organization.OrganizationProperties;

/**
 * The recipes, filled in with our names.
 */
public final class Recipes {

	private Recipes() {
	}

	/**
	 * The recipe for one platform.
	 * @param platform what the partner runs
	 * @param organization who we are; all its mail domains are named
	 * @throws IllegalArgumentException with a sentence naming the key, when a host name
	 * in the configuration is none
	 */
	public static Recipe of(MailPlatform platform, OrganizationProperties organization) {
		RecipeNames names = RecipeNames.of(organization);
		return switch (platform) {
			case EXCHANGE_ONLINE -> ExchangeOnlineRecipe.with(names);
			case EXCHANGE_SERVER -> ExchangeServerRecipe.with(names);
			case GOOGLE_WORKSPACE -> GoogleWorkspaceRecipe.with(names);
			case POSTFIX -> PostfixRecipe.with(names);
			case EXIM -> EximRecipe.with(names);
			case SENDMAIL -> SendmailRecipe.with(names);
			case CLOUDFLARE -> GatewayRecipes.cloudflare(names);
			case MIMECAST -> GatewayRecipes.mimecast(names);
			case PROOFPOINT_ESSENTIALS -> GatewayRecipes.proofpointEssentials(names);
			case CISCO_ESA -> GatewayRecipes.ciscoEsa(names);
			case OTHER -> OtherRecipe.with(names);
		};
	}

	/**
	 * All recipes, in the order in which platforms are offered.
	 * @param organization who we are
	 */
	public static List<Recipe> all(OrganizationProperties organization) {
		return Arrays.stream(MailPlatform.values()).map((platform) -> of(platform, organization)).toList();
	}

}
