package org.partnertls.mail;

import java.util.Locale;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;

/**
 * In which language whoever reads the mail of an address is written to.
 */
public interface ReaderLanguage {

	/**
	 * The language that the person chose, else the one that was chosen for them or that
	 * their browser told us, else English.
	 * @return {@link Locale#ENGLISH} or {@link Locale#GERMAN}
	 */
	Locale languageOf(EmailAddress address);

	/**
	 * The same, and where the address alone tells nothing, the language of the partner
	 * that the letter is about: of an emergency contact, who never signs in.
	 */
	Locale languageOf(EmailAddress address, @Nullable UUID partnerId);

}
