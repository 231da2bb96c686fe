package org.partnertls.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What of a template is words, and that nothing else of it changes.
 */
class UnitsTests {

	@Test
	void aSentenceWithElementsInItIsOneUnitAndMayPutThemInAnotherOrder() {
		String page = """
				<p class="lead">
					Write to <a th:href="@{/x}" th:text="${a}">help</a> or
					<a href="/y">phone <strong>us</strong></a>.
				</p>""";

		assertThat(units(page)).containsExactly("Write to {0} or {1}phone {2}us{/2}{/1}.");
		assertThat(translate(page,
				Map.of("Write to {0} or {1}phone {2}us{/2}{/1}.",
						"{1}Rufen Sie {2}uns{/2} an{/1} oder schreiben Sie an {0}.")))
			.isEqualTo("""
					<p class="lead"> <a href="/y">Rufen Sie <strong>uns</strong> an</a> oder schreiben Sie an \
					<a th:href="@{/x}" th:text="${a}">help</a>. </p>""");
	}

	@Test
	void iconsAroundASentenceAreNoPartOfIt() {
		assertThat(units("<button><i class=\"bi\"></i> Menu</button>")).containsExactly("Menu");
		assertThat(units("<a>Older <i class=\"bi\"></i></a>")).containsExactly("Older");
	}

	@Test
	void elementsWithoutTextBetweenThemAreUnitsOfTheirOwn() {
		assertThat(units("<p><a>Read</a> · <a>Privacy</a></p>")).containsExactly("Read", "Privacy");
		assertThat(units("<th:block th:if=\"${x}\"><h1>One</h1><p>Two</p></th:block>")).containsExactly("One", "Two");
	}

	@Test
	void whatIsReplacedOrNoLanguageIsNoUnit() {
		assertThat(units("<p th:text=\"${x}\">An example</p><pre>New-Thing</pre><code>Set-It</code>"
				+ "<span translate=\"no\">Deutsch</span><script>let Some = 1</script><!--/* A remark <b> */-->"))
			.isEmpty();
		assertThat(units("<html th:replace=\"~{layout :: open('Sign in', ~{::main})}\"><main>Text</main></html>"))
			.containsExactly("Sign in", "Text");
	}

	@Test
	void attributesThatPeopleReadAreUnits() {
		assertThat(units("<td data-label=\"Due\"><input type=\"text\" placeholder=\"Your name\" value=\"Code\"></td>"))
			.containsExactly("Due", "Your name");
	}

	@Test
	void literalsAreUnitsUnlessTheyAreComparedOrNamesOfThings() {
		assertThat(units("<p th:text=\"${s == 'OPEN' ? 'Not done yet' : 'done'}\"></p>"))
			.containsExactly("Not done yet", "done");
		assertThat(units("<p th:classappend=\"${x ? 'Big one' : ''}\"></p>")).isEmpty();
		assertThat(units("<p th:text=\"${#temporals.format(t, 'd MMM yyyy')}\"></p>")).isEmpty();
		assertThat(units("<div th:replace=\"~{f :: text(label='Mail domain', name='domain')}\"></div>"))
			.containsExactly("Mail domain");
	}

	@Test
	void expressionsWhoseValuesAreCodesAreMarkedAsSuch() {
		assertThat(translate(
				"<p th:if=\"${a == 'B c'}\" th:value=\"${b}\" th:text=\"${c}\" th:with=\"d=${e},f=|An ${g}|\"></p>",
				Map.of()))
			.isEqualTo(
					"<p th:if=\"${ a == 'B c'}\" th:value=\"${ b}\" th:text=\"${c}\" th:with=\"d=${ e},f=|An ${g}|\"></p>");
		assertThat(translate("<input th:field=\"*{__${name}__}\">", Map.of()))
			.isEqualTo("<input th:field=\"*{__${name}__}\">");
	}

	@Test
	void substitutionsAreUnitsWithPlaces() {
		String page = "<p th:text=\"|To ${d.name()}: ${d.out() ? 'yes' : 'no'} days|\" th:id=\"|a b-${x}|\"></p>";

		assertThat(units(page)).containsExactly("yes", "no", "To {0}: {1} days");
		assertThat(translate(page, Map.of("To {0}: {1} days", "{1} Tage an {0}", "yes", "ja")))
			.isEqualTo("<p th:text=\"|${d.out() ? 'ja' : 'no'} Tage an ${d.name()}|\" th:id=\"|a b-${ x}|\"></p>");
	}

	@Test
	void quotesInAnEntryEndNeitherALiteralNorAnAttribute() {
		assertThat(translate("<p th:text=\"'A b'\" title=\"C\"></p>", Map.of("A b", "x'y\"z", "C", "\"q\"")))
			.isEqualTo("<p th:text=\"'x’y”z'\" title=\"&quot;q&quot;\"></p>");
	}

	@Test
	void anEntryWhosePlacesDoNotAgreeIsLeftOut() {
		String page = "<p>From <b th:text=\"${x}\"></b> to <a>here</a></p>";

		for (String wrong : List.of("Von {0}", "Von {0} nach {1}hier", "Von {0} {0} {1}hier{/1}", "{2}{0}{1}x{/1}",
				"{0} {/1}hier{1}")) {
			assertThat(translate(page, Map.of("From {0} to {1}here{/1}", wrong))).isEqualTo(page);
		}
	}

	@Test
	void withoutEntriesATemplateStaysAsItIs() {
		String page = "<!doctype html>\n<div a='1'  b = \"2\"><img src=x></div>".replace(" = ", "=")
			.replace("=x", "='x'");

		assertThat(translate(page, Map.of())).isEqualTo(page);
	}

	@Test
	void aTemplateWhoseElementsDoNotEndIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> units("<p>One<div>"));
		assertThatIllegalArgumentException().isThrownBy(() -> units("<p>One</div>"));
	}

	private static List<String> units(String page) {
		List<String> found = new ArrayList<>();
		assertThat(Units.translate(page, (unit, kind) -> {
			found.add(unit);
			return null;
		}).replace(Units.KEPT, "${")).isEqualTo(page);
		return found;
	}

	private static String translate(String page, Map<String, String> words) {
		return Units.translate(page, (unit, kind) -> words.get(unit));
	}

}
