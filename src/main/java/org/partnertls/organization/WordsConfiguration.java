package org.partnertls.organization;

import java.text.MessageFormat;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import org.springframework.context.MessageSource;
import org.springframework.context.MessageSourceResolvable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.AbstractMessageSource;

/**
 * Has what forms say beside their fields translated like everything else: the English
 * sentence of a constraint is its key.
 */
@Configuration(proxyBeanMethods = false)
class WordsConfiguration {

	@Bean
	MessageSource messageSource() {
		return new Sentences();
	}

	private static final class Sentences extends AbstractMessageSource {

		@Override
		protected @Nullable MessageFormat resolveCode(String code, Locale locale) {
			return null;
		}

		@Override
		protected @Nullable String getDefaultMessage(MessageSourceResolvable resolvable, @Nullable Locale locale) {
			String english = super.getDefaultMessage(resolvable, locale);
			return (english != null && locale != null) ? Words.in(Words.known(locale), english) : english;
		}

	}

}
