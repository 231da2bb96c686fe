package org.partnertls.exchange;

import java.net.URI;

/**
 * The Microsoft clouds that have Exchange Online. The resource is both where cmdlets are
 * sent and what the token is for.
 */
enum Cloud {

	WORLDWIDE("Worldwide and GCC", "https://login.microsoftonline.com", "https://outlook.office365.com"),

	GCC_HIGH("GCC High", "https://login.microsoftonline.us", "https://outlook.office365.us"),

	DOD("DoD", "https://login.microsoftonline.us", "https://outlook-dod.office365.us"),

	CHINA("21Vianet (China)", "https://login.partner.microsoftonline.cn", "https://outlook.office365.cn");

	private final String words;

	private final URI authority;

	private final URI resource;

	Cloud(String words, String authority, String resource) {
		this.words = words;
		this.authority = URI.create(authority);
		this.resource = URI.create(resource);
	}

	String words() {
		return this.words;
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
