package org.partnertls.exchange;

import java.net.URI;

import org.jspecify.annotations.Nullable;

/**
 * The Microsoft clouds that have Exchange Online. The resource is both where cmdlets are
 * sent and what the token is for.
 */
enum Cloud {

	WORLDWIDE("Worldwide and GCC", null, "https://login.microsoftonline.com", "https://outlook.office365.com"),

	GCC_HIGH("GCC High", "O365USGovGCCHigh", "https://login.microsoftonline.us", "https://outlook.office365.us"),

	DOD("DoD", "O365USGovDoD", "https://login.microsoftonline.us", "https://outlook-dod.office365.us"),

	CHINA("21Vianet (China)", "O365China", "https://login.partner.microsoftonline.cn", "https://outlook.office365.cn");

	private final String words;

	private final @Nullable String environment;

	private final URI authority;

	private final URI resource;

	Cloud(String words, @Nullable String environment, String authority, String resource) {
		this.words = words;
		this.environment = environment;
		this.authority = URI.create(authority);
		this.resource = URI.create(resource);
	}

	String words() {
		return this.words;
	}

	/** Its name for {@code Connect-ExchangeOnline}; null: needs none. */
	@Nullable String environment() {
		return this.environment;
	}

	URI authority() {
		return this.authority;
	}

	URI resource() {
		return this.resource;
	}

	String scope() {
		return this.resource + "/.default";
	}

}
