package org.partnertls.mail;

import java.util.Locale;

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

}
