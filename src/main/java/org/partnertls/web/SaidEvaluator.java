package org.partnertls.web;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Said;
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
			"direction", "displayName", "due", "flash", "hint", "kept", "kind", "label", "level", "mark", "newValue",
			"note", "oldValue", "outcome", "problem", "role", "roleWords", "sentence", "setup", "severity", "source",
			"stage", "standing", "state", "stateWords", "status", "summary", "text", "title", "tip", "urgency", "value",
			"what", "who", "why", "word", "words");

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
		return (value instanceof String text && isOurs(expression.getExpression(), text)) ? Said.in(this.language, text)
				: value;
	}

	private static boolean isOurs(String expression, String text) {
		Matcher last = LAST_NAME.matcher(expression);
		String name = last.find() ? last.group(1) : "";
		boolean isLong = text.indexOf(' ', text.indexOf(' ') + 1) > 0 || text.endsWith(".");
		return isLong ? !THEIRS.contains(name) : OURS.contains(name);
	}

}
