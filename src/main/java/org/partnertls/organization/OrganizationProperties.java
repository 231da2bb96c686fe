package org.partnertls.organization;

import java.net.URI;
import java.time.ZoneId;
import java.util.List;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Our own organisation, as partners are told about it.
 *
 * @param baseUrl where people reach the portal, without a trailing slash; every link is
 * made from it, never from a request
 * @param name our name
 * @param mailDomains our mail domains: partners enforce TLS toward these
 * @param mxNames host names that our MX records point to; a leading dot stands for a
 * whole family. Recipes pin these
 * @param sendingNames names in the certificates of the servers that we send with
 * @param supportAddress whom a partner writes to with questions
 * @param supportPhone whom a partner phones to make sure that an invitation is ours
 * @param zone decides due dates and is shown beside every time
 */
@Validated
@ConfigurationProperties("portal.organization")
public record OrganizationProperties(@NotNull URI baseUrl, @NotBlank String name,
		@NotEmpty List<DomainName> mailDomains, @DefaultValue(".mail.protection.outlook.com") List<String> mxNames,
		@DefaultValue("mail.protection.outlook.com") List<String> sendingNames, @NotNull EmailAddress supportAddress,
		@NotBlank String supportPhone, @DefaultValue("UTC") ZoneId zone) {

	/**
	 * The full address of a page.
	 * @param path starts with a slash
	 */
	public String link(String path) {
		String base = this.baseUrl.toString();
		return (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path;
	}

	/**
	 * The domain that stands for us where one is enough.
	 */
	public DomainName primaryDomain() {
		return this.mailDomains.getFirst();
	}

}
