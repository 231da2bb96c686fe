package org.partnertls.mail;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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

	private static final String LANGUAGE = "language";

	public static Letter to(EmailAddress to, String template) {
		return new Letter(to, template, Map.of(), null);
	}

	/** With one more value for the template. */
	public Letter with(String name, String value) {
		Map<String, String> more = new TreeMap<>(this.model);
		more.put(name, value);
		return new Letter(this.to, this.template, Map.copyOf(more), this.partnerId);
	}

	/** For a reader of whom only this letter's writer knows the language. */
	public Letter in(Locale language) {
		return with(LANGUAGE, language.toLanguageTag());
	}

	Optional<Locale> language() {
		return Optional.ofNullable(this.model.get(LANGUAGE)).map(Locale::forLanguageTag);
	}

	/** About a partner. */
	public Letter about(UUID partner) {
		return new Letter(this.to, this.template, this.model, partner);
	}

}
