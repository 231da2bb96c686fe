package org.partnertls.web;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.Writer;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Words;
import org.thymeleaf.IEngineConfiguration;
import org.thymeleaf.IThrottledTemplateProcessor;
import org.thymeleaf.TemplateSpec;
import org.thymeleaf.context.IContext;
import org.thymeleaf.spring6.ISpringTemplateEngine;
import org.thymeleaf.spring6.SpringTemplateEngine;
import org.thymeleaf.spring6.dialect.SpringStandardDialect;
import org.thymeleaf.spring6.templateresolver.SpringResourceTemplateResolver;
import org.thymeleaf.spring6.view.ThymeleafViewResolver;
import org.thymeleaf.standard.expression.IStandardVariableExpressionEvaluator;
import org.thymeleaf.templateresolver.ITemplateResolver;
import org.thymeleaf.templateresolver.TemplateResolution;
import org.thymeleaf.templateresource.ITemplateResource;

import org.springframework.context.MessageSource;
import org.springframework.stereotype.Component;
import org.springframework.util.FileCopyUtils;

/**
 * One template engine for each language, which holds the templates in that language:
 * translating happens when a template is loaded, and a page costs nothing more by it. The
 * engine that everybody else gets speaks English.
 */
@Component
class PageLanguages {

	private final SpringTemplateEngine english;

	private final ITemplateResolver templates;

	private final MessageSource messages;

	private final Map<Locale, SpringTemplateEngine> others = new ConcurrentHashMap<>();

	PageLanguages(ThymeleafViewResolver views, SpringTemplateEngine english, SpringResourceTemplateResolver templates,
			MessageSource messages) {
		this.english = english;
		this.templates = templates;
		this.messages = messages;
		views.setTemplateEngine(new ByLanguage());
	}

	private SpringTemplateEngine in(IContext context) {
		Locale language = Words.known(context.getLocale());
		return language.equals(Locale.ENGLISH) ? this.english : this.others.computeIfAbsent(language, this::engine);
	}

	private SpringTemplateEngine engine(Locale language) {
		SpringTemplateEngine engine = new SpringTemplateEngine();
		engine.setDialect(new Speaking(new SaidEvaluator(language)));
		engine.setTemplateResolver(new Translating(language));
		engine.setMessageSource(this.messages);
		engine.setAllowedClassOverridesForViews(this.english.getAllowedClassOverridesForViews());
		return engine;
	}

	/** The folder of a template, whose words come first. */
	static String area(String template) {
		String folder = template.replaceFirst("/.*", "");
		return folder.equals("fragments") ? "layout" : folder;
	}

	/** Thymeleaf for Spring, with another way to evaluate, for which it has no setter. */
	private static final class Speaking extends SpringStandardDialect {

		private final SaidEvaluator evaluator;

		Speaking(SaidEvaluator evaluator) {
			this.evaluator = evaluator;
		}

		@Override
		public IStandardVariableExpressionEvaluator getVariableExpressionEvaluator() {
			return this.evaluator;
		}

	}

	/** What the views ask: the engine of the reader's language. */
	private final class ByLanguage implements ISpringTemplateEngine {

		@Override
		public void setTemplateEngineMessageSource(MessageSource source) {
			throw new UnsupportedOperationException("each engine has its own");
		}

		@Override
		public Collection<Class<?>> getAllowedClassOverridesForViews() {
			return PageLanguages.this.english.getAllowedClassOverridesForViews();
		}

		@Override
		public void setAllowedClassOverridesForViews(Collection<Class<?>> classes) {
			throw new UnsupportedOperationException("each engine has its own");
		}

		@Override
		public IEngineConfiguration getConfiguration() {
			return PageLanguages.this.english.getConfiguration();
		}

		@Override
		public String process(String template, IContext context) {
			return PageLanguages.this.in(context).process(template, context);
		}

		@Override
		public String process(String template, Set<String> parts, IContext context) {
			return PageLanguages.this.in(context).process(template, parts, context);
		}

		@Override
		public String process(TemplateSpec template, IContext context) {
			return PageLanguages.this.in(context).process(template, context);
		}

		@Override
		public void process(String template, IContext context, Writer out) {
			PageLanguages.this.in(context).process(template, context, out);
		}

		@Override
		public void process(String template, Set<String> parts, IContext context, Writer out) {
			PageLanguages.this.in(context).process(template, parts, context, out);
		}

		@Override
		public void process(TemplateSpec template, IContext context, Writer out) {
			PageLanguages.this.in(context).process(template, context, out);
		}

		@Override
		public IThrottledTemplateProcessor processThrottled(String template, IContext context) {
			return PageLanguages.this.in(context).processThrottled(template, context);
		}

		@Override
		public IThrottledTemplateProcessor processThrottled(String template, Set<String> parts, IContext context) {
			return PageLanguages.this.in(context).processThrottled(template, parts, context);
		}

		@Override
		public IThrottledTemplateProcessor processThrottled(TemplateSpec template, IContext context) {
			return PageLanguages.this.in(context).processThrottled(template, context);
		}

	}

	/** Finds templates where they are, and translates them. */
	private final class Translating implements ITemplateResolver {

		private final Locale language;

		Translating(Locale language) {
			this.language = language;
		}

		@Override
		public String getName() {
			return "translated into " + this.language;
		}

		@Override
		public Integer getOrder() {
			return 1;
		}

		@Override
		public @Nullable TemplateResolution resolveTemplate(IEngineConfiguration configuration,
				@Nullable String ownerTemplate, String template, @Nullable Map<String, Object> attributes) {
			TemplateResolution found = PageLanguages.this.templates.resolveTemplate(configuration, ownerTemplate,
					template, attributes);
			return (found == null) ? null
					: new TemplateResolution(new Translated(found.getTemplateResource(), this.language, area(template)),
							found.isTemplateResourceExistenceVerified(), found.getTemplateMode(),
							found.getUseDecoupledLogic(), found.getValidity());
		}

	}

	private record Translated(ITemplateResource english, Locale language, String area) implements ITemplateResource {

		@Override
		public String getDescription() {
			return this.english.getDescription() + " in " + this.language;
		}

		@Override
		public String getBaseName() {
			return this.english.getBaseName();
		}

		@Override
		public boolean exists() {
			return this.english.exists();
		}

		@Override
		public Reader reader() throws IOException {
			try (Reader reader = this.english.reader()) {
				return new StringReader(Units.translate(FileCopyUtils.copyToString(reader),
						(unit, kind) -> Words.lookUp(this.language, this.area, unit)));
			}
		}

		@Override
		public ITemplateResource relative(String location) {
			return new Translated(this.english.relative(location), this.language, this.area);
		}

	}

}
