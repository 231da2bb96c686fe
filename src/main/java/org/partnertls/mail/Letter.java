package org.partnertls.mail;

import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;

/**
 * A message to one person: a template and what goes into it.
 *
 * @param to the recipient
 * @param template the name of a text below {@code templates/mail}; its first line is the
 * subject
 * @param model values for the template, all text
 * @param partnerId the partner it is about, where there is one
 */
public record Letter(EmailAddress to, String template, Map<String, String> model, @Nullable UUID partnerId) {

	public static Letter to(EmailAddress to, String template) {
		return new Letter(to, template, Map.of(), null);
	}

	/** With one more value for the template. */
	public Letter with(String name, String value) {
		Map<String, String> more = new TreeMap<>(this.model);
		more.put(name, value);
		return new Letter(this.to, this.template, Map.copyOf(more), this.partnerId);
	}

	/** About a partner. */
	public Letter about(UUID partner) {
		return new Letter(this.to, this.template, this.model, partner);
	}

}
