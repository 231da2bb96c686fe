package org.partnertls.web;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Said;
import org.partnertls.organization.Words;
import org.thymeleaf.context.IExpressionContext;
import org.thymeleaf.spring6.expression.SPELVariableExpressionEvaluator;
import org.thymeleaf.standard.expression.IStandardVariableExpression;
import org.thymeleaf.standard.expression.IStandardVariableExpressionEvaluator;
import org.thymeleaf.standard.expression.StandardExpressionExecutionContext;

/**
 * Evaluates <code>${…}</code> for pages that are not English: what comes out is shown in
 * the page's language if it is a text of ours. A sentence, or a text of three words, is
 * known by itself; shorter ones might be somebody's name, so that it takes an accessor
 * that holds our words.
 */
final class SaidEvaluator implements IStandardVariableExpressionEvaluator {

	private static final Set<String> OURS = Set.of("answer", "basis", "became", "cause", "checked", "description",
			"direction", "displayName", "due", "flash", "hint", "kept", "kind", "label", "level", "mark", "note",
			"outcome", "problem", "role", "roleWords", "sentence", "setup", "severity", "source", "stage", "standing",
			"state", "stateWords", "status", "summary", "text", "title", "tip", "urgency", "value", "what", "who",
			"why", "word", "words");

	/**
	 * Values of a tenant's settings: a word of ours, or whatever stands there, untouched.
	 */
	private static final Set<String> VALUES = Set.of("newValue", "oldValue");

	/** What people have written themselves. */
	private static final Set<String> THEIRS = Set.of("comment", "excerpt", "name", "otherSenders", "reason", "subject",
			"transcript", "waivedReason");

	private static final Pattern LAST_NAME = Pattern.compile("([A-Za-z]+)(?:\\(\\))?[^A-Za-z]*$");

	private final Locale language;

	SaidEvaluator(Locale language) {
		this.language = language;
	}

	@Override
	public @Nullable Object evaluate(IExpressionContext context, IStandardVariableExpression expression,
			StandardExpressionExecutionContext execution) {
		Object value = SPELVariableExpressionEvaluator.INSTANCE.evaluate(context, expression, execution);
		if (("${" + expression.getExpression()).startsWith(Units.KEPT)) {
			return value;
		}
		if (!(value instanceof String text)) {
			return value;
		}
		Matcher last = LAST_NAME.matcher(expression.getExpression());
		String name = last.find() ? last.group(1) : "";
		if (VALUES.contains(name)) {
			return Words.in(this.language, text);
		}
		return isOurs(name, text) ? Said.in(this.language, text) : value;
	}

	private static boolean isOurs(String name, String text) {
		boolean isLong = text.indexOf(' ', text.indexOf(' ') + 1) > 0 || text.endsWith(".");
		return isLong ? !THEIRS.contains(name) : OURS.contains(name);
	}

}
