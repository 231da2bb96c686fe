package org.partnertls.audit;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.erdtman.jcs.JsonCanonicalizer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The examples of RFC 8785 itself against the library that plans are hashed with, and
 * events, which are written without it, against the library.
 */
class CanonicalJsonTests {

	@Test
	void writesTheExampleOfSection322() throws IOException {
		assertThat(canonical("""
				{
				  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
				  "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
				  "literals": [null, true, false]
				}""")).isEqualTo(
				"{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
	}

	@Test
	void sortsTheExampleOfSection323() throws IOException {
		assertThat(canonical("""
				{
				  "\\u20ac": "Euro Sign",
				  "\\r": "Carriage Return",
				  "\\ufb33": "Hebrew Letter Dalet With Dagesh",
				  "1": "One",
				  "\\ud83d\\ude00": "Emoji: Grinning Face",
				  "\\u0080": "Control",
				  "\\u00f6": "Latin Small Letter O With Diaeresis"
				}""")).isEqualTo(
				"{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"\ud83d\ude00\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}");
	}

	@Test
	void writesEventsAsTheLibraryDoesWhateverTheySay() throws IOException {
		Map<String, Object> event = new LinkedHashMap<>();
		everyCharacter().forEach((text) -> event.put(text, "/" + text + "\\" + text));
		event.put("changes", Map.of("state", new Act.Change(null, "\u001f"), "about", new Act.Change("\u2028", null)));

		String written = AuditLog.canonical(event);

		assertThat(event).hasSizeGreaterThan(63_000);
		String expected = canonical(JsonMapper.shared().writeValueAsString(event));
		assertThat(Arrays.mismatch(written.toCharArray(), expected.toCharArray())).as("where it differs").isNegative();
	}

	private static Stream<String> everyCharacter() {
		return IntStream.concat(IntStream.rangeClosed(0, 0xffff), IntStream.of(0x10000, 0x1f600, 0x10ffff))
			.filter((point) -> point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE)
			.mapToObj(Character::toString);
	}

	private static String canonical(String json) throws IOException {
		return new JsonCanonicalizer(json).getEncodedString();
	}

}
