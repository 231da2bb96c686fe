package org.partnertls.exchange;

import java.net.URI;

/**
 * The Microsoft clouds that have Exchange Online. The resource is both where cmdlets are
 * sent and what the token is for.
 */
enum Cloud {

	WORLDWIDE("https://login.microsoftonline.com", "https://outlook.office365.com"),

	GCC_HIGH("https://login.microsoftonline.us", "https://outlook.office365.us"),

	DOD("https://login.microsoftonline.us", "https://outlook-dod.office365.us"),

	CHINA("https://login.partner.microsoftonline.cn", "https://outlook.office365.cn");

	private final URI authority;

	private final URI resource;

	Cloud(String authority, String resource) {
		this.authority = URI.create(authority);
		this.resource = URI.create(resource);
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
