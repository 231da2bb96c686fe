package org.partnertls.onboarding;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.partnertls.onboarding.Recipe.Direction;
import org.partnertls.onboarding.Recipe.Kind;
import org.partnertls.onboarding.Recipe.Step;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Said;
import org.partnertls.tlscheck.Report;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.HostReport;
import org.thymeleaf.context.Context;
import org.thymeleaf.spring6.SpringTemplateEngine;
import org.thymeleaf.templatemode.TemplateMode;
import org.thymeleaf.templateresolver.ClassLoaderTemplateResolver;
import org.thymeleaf.templateresolver.StringTemplateResolver;

import org.springframework.context.i18n.LocaleContextHolder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What every recipe owes a partner's administrator, and how recipes and the public text
 * are rendered.
 */
class RecipesTests {

	private static final String HOSTILE = "<script>alert(1)</script>' \"; rm -rf / $(id) `id` [[domains]] ${7*7}";

	private static final List<String> DOMAINS = List.of("contoso.example", "contoso-bank.example", "müller.example");

	@ParameterizedTest
	@EnumSource
	void namesEveryDomainInBothDirections(MailPlatform platform) {
		for (Direction direction : directions(platform)) {
			assertThat(codeOrText(direction)).contains("contoso.example", "contoso-bank.example",
					"xn--mller-kva.example");
			assertThat(direction.covers()).contains("contoso.example");
			assertThat(direction.whenEncryptionFails()).isNotBlank();
		}
	}

	@ParameterizedTest
	@EnumSource
	void looksAndKeepsACopyAndTriesBeforeItEndsInChecksAndUndo(MailPlatform platform) {
		for (Direction direction : directions(platform)) {
			List<Kind> kinds = direction.steps().stream().map(Step::kind).toList();
			assertThat(kinds).contains(Kind.values());
			assertThat(kinds.getFirst()).isEqualTo(Kind.LOOK);
			assertThat(kinds.indexOf(Kind.BACKUP)).isLessThan(kinds.indexOf(Kind.CHANGE));
			assertThat(kinds.indexOf(Kind.CHANGE)).isLessThan(kinds.lastIndexOf(Kind.RELOAD));
			assertThat(kinds.lastIndexOf(Kind.RELOAD)).isLessThan(kinds.lastIndexOf(Kind.CHECK));
			assertThat(kinds.getLast()).isEqualTo(Kind.UNDO);
			assertThat(kinds.subList(0, kinds.indexOf(Kind.UNDO))).doesNotContain(Kind.UNDO);
		}
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "EXIM")
	void triesBeforeItChanges(MailPlatform platform) {
		// Exim reads a candidate from the file in force: there the trial stands between
		// the change of the file and the reload that makes it act.
		for (Direction direction : directions(platform)) {
			List<Kind> kinds = direction.steps().stream().map(Step::kind).toList();
			assertThat(kinds.indexOf(Kind.TRY)).isLessThan(kinds.indexOf(Kind.CHANGE));
		}
	}

	@Test
	void triesTheFileOfEximBeforeTheServerReadsIt() {
		for (Direction direction : directions(MailPlatform.EXIM)) {
			List<Kind> kinds = direction.steps().stream().map(Step::kind).toList();
			assertThat(kinds.indexOf(Kind.TRY)).isLessThan(kinds.indexOf(Kind.RELOAD));
		}
	}

	@ParameterizedTest
	@EnumSource
	void leavesNoPlaceUnfilled(MailPlatform platform) {
		Recipe recipe = Recipes.of(platform, organization("Contoso"));
		assertThat(texts(recipe)).noneMatch((text) -> text.contains("[[") && !text.contains("[[:"))
			.noneMatch((text) -> text.contains("%s"))
			.noneMatch(String::isBlank);
	}

	@ParameterizedTest
	@EnumSource
	void neverPutsTheOrganizationsNameIntoCode(MailPlatform platform) {
		Recipe recipe = Recipes.of(platform, organization(HOSTILE));
		assertThat(codes(recipe)).noneMatch((code) -> code.contains("alert(1)") || code.contains("rm -rf"));
		assertThat(texts(recipe)).noneMatch((text) -> text.contains(HOSTILE.replace("[[domains]]", "contoso.example")));
	}

	@Test
	void setsNoListOfPostfixWithoutWhatStandsInIt() {
		assertThat(codes(Recipes.of(MailPlatform.POSTFIX, organization("Contoso"))).flatMap(String::lines)
			.map(String::strip)
			.filter((line) -> line.contains("postconf -e"))).isNotEmpty().allSatisfy((line) -> {
				if (!line.contains("smtp_tls_CAfile")) {
					assertThat(line).contains("$rest");
				}
			});
		assertThat(codes(Recipes.of(MailPlatform.POSTFIX, organization("Contoso"))).flatMap(String::lines)
			.filter((line) -> line.contains(">") && line.contains("main.cf"))).isEmpty();
	}

	@ParameterizedTest
	@EnumSource(names = { "EXCHANGE_ONLINE", "EXCHANGE_SERVER" })
	void setsNoListOfAConnectorThatExists(MailPlatform platform) {
		Stream<String> codes = codes(Recipes.of(platform, organization("Contoso")));
		assertThat(codes).noneMatch((code) -> code.matches("(?s).*\\bSet-[^|]*-(RecipientDomains|SenderDomains"
				+ "|AddressSpaces|RemoteIPRanges|SmartHosts)\\b.*"));
	}

	@Test
	void quotesEveryDomainInPowerShell() {
		Recipe recipe = Recipes.of(MailPlatform.EXCHANGE_ONLINE, organization("Contoso"));
		assertThat(String.join("\n", codes(recipe).toList()))
			.contains("-RecipientDomains 'contoso.example','contoso-bank.example','xn--mller-kva.example'")
			.contains("-SenderDomains 'contoso.example','contoso-bank.example','xn--mller-kva.example'")
			.contains("-RequireTls $true");
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTFIX", "EXIM", "SENDMAIL" })
	void isAcceptedByTheShell(MailPlatform platform, @TempDir Path directory) throws Exception {
		Recipe recipe = Recipes.of(platform, organization(HOSTILE));
		List<String> scripts = codes(recipe)
			.filter((code) -> code.startsWith("(") || code.contains("exim -") || code.startsWith("postfix")
					|| code.contains("/etc/mail"))
			.toList();
		assertThat(scripts).isNotEmpty();
		for (String script : scripts) {
			Path file = Files.writeString(directory.resolve("block.sh"), script);
			Process bash = new ProcessBuilder("bash", "-n", file.toString()).redirectErrorStream(true).start();
			String complaint = new String(bash.getInputStream().readAllBytes(),
					java.nio.charset.StandardCharsets.UTF_8);
			assertThat(bash.waitFor()).as(script + "\n" + complaint).isZero();
		}
	}

	@Test
	void asksForANameInTheCertificateOnlyWhereThereIsOne() {
		assertThat(codes(Recipes.of(MailPlatform.EXCHANGE_ONLINE, organization("Contoso"))))
			.anyMatch((code) -> code.contains("-TlsDomain '*.mail.protection.outlook.com'"));
		assertThat(codes(Recipes.of(MailPlatform.EXCHANGE_ONLINE,
				organization("Contoso", List.of("mx1.contoso.example", "mx2.contoso.example")))))
			.noneMatch((code) -> code.contains("DomainValidation"));
	}

	@Test
	void refusesAHostNameThatIsNone() {
		for (String wrong : List.of("", ".", "a b.example", "x';id;'.example", "-x.example", "$(id).example")) {
			assertThatIllegalArgumentException()
				.isThrownBy(() -> Recipes.of(MailPlatform.POSTFIX, organization("Contoso", List.of(wrong))))
				.withMessageContaining("portal.organization.mx-names");
		}
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Recipes.of(MailPlatform.POSTFIX, organization("Contoso", List.of())))
			.withMessageContaining("portal.organization.mx-names");
	}

	@Test
	void saysWhichPlatformsOnlyReceive() {
		for (MailPlatform platform : MailPlatform.values()) {
			assertThat(Recipes.of(platform, organization("Contoso")).toUs() != null).isEqualTo(platform.sends());
		}
	}

	@Test
	void tellsThePlatformFromTheNamesOfTheServersAndTheirGreetings() {
		assertThat(seen("acme-example.mail.protection.outlook.com", "Postfix"))
			.containsExactly(MailPlatform.EXCHANGE_ONLINE);
		assertThat(seen("aspmx.l.google.com", "")).containsExactly(MailPlatform.GOOGLE_WORKSPACE);
		assertThat(seen("mailstream-east.mxrecord.io", "")).containsExactly(MailPlatform.CLOUDFLARE);
		assertThat(seen("mx1-us1.ppe-hosted.com", "")).containsExactly(MailPlatform.PROOFPOINT_ESSENTIALS);
		assertThat(seen("mxa-001.pphosted.com", "")).containsExactly(MailPlatform.OTHER);
		assertThat(seen("mx.acme.example", "mx.acme.example ESMTP Postfix (Debian/GNU)"))
			.containsExactly(MailPlatform.POSTFIX);
		assertThat(seen("mx.acme.example", "mx.acme.example ESMTP Exim 4.97 Sat, 28 Nov 2026 02:59:00 +0000"))
			.containsExactly(MailPlatform.EXIM);
		assertThat(seen("mx.acme.example", "mx.acme.example ESMTP Sendmail 8.17.1.9/8.17.1.9"))
			.containsExactly(MailPlatform.SENDMAIL);
		assertThat(seen("mx.acme.example", "mx.acme.example Microsoft ESMTP MAIL Service ready"))
			.containsExactly(MailPlatform.EXCHANGE_SERVER);
		assertThat(seen("mx.acme.example", "hello")).isEmpty();
		// A name that only looks like a provider's.
		assertThat(seen("evilgoogle.com", "hello")).isEmpty();
	}

	private static Set<MailPlatform> seen(String host, String greeting) {
		Instant now = Instant.EPOCH;
		AddressReport address = new AddressReport("192.0.2.1", now, List.of(), null, null, List.of(),
				"S: 220 " + greeting + "\nC: EHLO x\n", null, null);
		HostReport server = new HostReport(host, 10, Report.HostState.RESOLVED, List.of(), 0, null, List.of(address),
				null, null);
		return MailPlatform.seenIn(new Report("acme.example", Report.RULES_VERSION, now, now,
				new Report.MxFinding(Report.MxOutcome.FOUND, List.of(), 0, null, null, null), List.of(server), null,
				null, null, null));
	}

	@Test
	void offersEveryPlatformOnceWithAName() {
		assertThat(Recipes.all(organization("Contoso"))).extracting(Recipe::platform)
			.containsExactly(MailPlatform.values());
		assertThat(Stream.of(MailPlatform.values()).map(MailPlatform::displayName)).doesNotHaveDuplicates();
		assertThat(MailPlatform.EXCHANGE_ONLINE.slug()).isEqualTo("exchange-online");
	}

	@ParameterizedTest
	@EnumSource
	void rendersEveryStepEscapedAndWithoutInlineScriptOrStyle(MailPlatform platform) {
		Recipe recipe = Recipes.of(platform, organization(HOSTILE));
		String html = render("<div th:replace=\"~{recipes/recipe :: show(${it})}\"></div>", recipe);
		assertClean(html);
		assertThat(html).contains("id=\"from-us\"", "id=\"from-us-undo\"");
		if (platform.sends()) {
			assertThat(html).contains("id=\"to-us\"", "id=\"to-us-undo\"");
		}
		else {
			assertThat(html).doesNotContain("to-us\"");
		}
		assertThat(html.split("<h3", -1)).hasSize(1 + (int) steps(recipe).count());
		assertThat(html.split("<pre", -1)).hasSize(1 + (int) codes(recipe).count());
		List<String> ids = Stream.of(html.split(" id=\"", -1))
			.skip(1)
			.map((rest) -> rest.substring(0, rest.indexOf('"')))
			.toList();
		assertThat(ids).doesNotHaveDuplicates();
	}

	@ParameterizedTest
	@EnumSource
	void readsInGermanFromFirstToLastWithTheSameCommands(MailPlatform platform) {
		Recipe english = Recipes.of(platform, organization("Contoso"));
		Recipe german = inGerman(() -> Recipes.of(platform, organization("Contoso")));
		List<String> before = shown(english);
		List<String> after = shown(german).stream().map((text) -> Said.in(Locale.GERMAN, text)).toList();

		assertThat(after).hasSameSizeAs(before);
		for (int i = 0; i < before.size(); i++) {
			assertThat(after.get(i)).isNotEqualTo(before.get(i)).doesNotContain("[[").doesNotContainPattern("\\{\\d}");
			for (String name : List.of("contoso.example", "mail.protection.outlook.com", "help@contoso.example")) {
				assertThat(after.get(i).contains(name)).as(after.get(i)).isEqualTo(before.get(i).contains(name));
			}
		}
		if (platform != MailPlatform.OTHER) {
			assertThat(codes(german)).containsExactlyElementsOf(codes(english).toList());
		}
	}

	@Test
	void aRequestToAProviderIsWrittenInGermanToo() {
		assertThat(codes(inGerman(() -> Recipes.of(MailPlatform.OTHER, organization("Contoso")))))
			.allSatisfy((letter) -> assertThat(letter).startsWith("Bitte ").contains("contoso-bank.example"));
	}

	private static <T> T inGerman(Supplier<T> made) {
		LocaleContextHolder.setLocale(Locale.GERMAN);
		try {
			return made.get();
		}
		finally {
			LocaleContextHolder.resetLocaleContext();
		}
	}

	private static List<String> shown(Recipe recipe) {
		Stream<String> around = Stream.concat(Stream.of(recipe.needs()), directions(recipe).stream()
			.flatMap((direction) -> Stream.of(direction.covers(), direction.whenEncryptionFails())));
		return Stream
			.of(around, steps(recipe).map(Step::text).map((text) -> Objects.requireNonNull(text)),
					steps(recipe).map(Step::kind).map(Kind::label))
			.flatMap((stream) -> stream)
			.toList();
	}

	@Test
	void showsCodeExactlyAsItIsToBeCopied() {
		Recipe recipe = Recipes.of(MailPlatform.POSTFIX, organization("Contoso"));
		String html = render("<div th:replace=\"~{recipes/recipe :: show(${it})}\"></div>", recipe);
		codes(recipe).forEach((code) -> assertThat(html).contains(code.replace("&", "&amp;")
			.replace("<", "&lt;")
			.replace(">", "&gt;")
			.replace("\"", "&quot;")
			.replace("'", "&#39;")));
	}

	@Test
	void rendersTheProgrammeWithAHostileNameEscaped() {
		String html = render("<div th:replace=\"~{recipes/programme :: text(${it})}\"></div>", organization(HOSTILE));
		assertClean(html);
		assertThat(html)
			.contains("&lt;script&gt;alert(1)", "+44 20 7946 0000", "mailto:help@contoso.example",
					"https://tls.contoso.example", "contoso-bank.example", "müller.example (xn--mller-kva.example)")
			.contains("Passwords", "Private keys", "Remote access", "Privacy notice");
	}

	private static void assertClean(String html) {
		assertThat(html.toLowerCase(Locale.ROOT)).doesNotContain("<script", "style=", "<style", "onclick=", " th:");
	}

	private static String render(String template, Object it) {
		SpringTemplateEngine engine = new SpringTemplateEngine();
		ClassLoaderTemplateResolver files = new ClassLoaderTemplateResolver();
		files.setPrefix("templates/");
		files.setSuffix(".html");
		files.setTemplateMode(TemplateMode.HTML);
		files.setCharacterEncoding("UTF-8");
		files.setResolvablePatterns(Set.of("recipes/*", "fragments/*"));
		StringTemplateResolver given = new StringTemplateResolver();
		given.setTemplateMode(TemplateMode.HTML);
		files.setOrder(1);
		given.setOrder(2);
		engine.setTemplateResolvers(Set.of(files, given));
		return engine.process(template, new Context(Locale.UK, Map.of("it", it)));
	}

	private static List<Direction> directions(MailPlatform platform) {
		return directions(Recipes.of(platform, organization("Contoso")));
	}

	private static List<Direction> directions(Recipe recipe) {
		return Stream.of(recipe.toUs(), recipe.fromUs()).filter(Objects::nonNull).toList();
	}

	private static String codeOrText(Direction direction) {
		StringBuilder all = new StringBuilder(direction.covers());
		direction.steps().forEach((step) -> all.append('\n').append(step.text()).append('\n').append(step.code()));
		return all.toString();
	}

	private static Stream<Step> steps(Recipe recipe) {
		return directions(recipe).stream().flatMap((direction) -> direction.steps().stream());
	}

	private static Stream<String> codes(Recipe recipe) {
		return steps(recipe).map(Step::code).filter(Objects::nonNull);
	}

	private static Stream<String> texts(Recipe recipe) {
		Stream<String> around = Stream.concat(Stream.of(recipe.needs()), directions(recipe).stream()
			.flatMap((direction) -> Stream.of(direction.covers(), direction.whenEncryptionFails())));
		return Stream
			.of(around, steps(recipe).map(Step::text).map((text) -> Objects.requireNonNull(text)), codes(recipe)
				// printf takes its %s itself
				.map((code) -> code.replace("printf '%s\\r\\n'", "printf")))
			.flatMap((stream) -> stream);
	}

	private static OrganizationProperties organization(String name) {
		return organization(name, List.of(".mail.protection.outlook.com"));
	}

	private static OrganizationProperties organization(String name, List<String> mxNames) {
		return new OrganizationProperties(URI.create("https://tls.contoso.example"), name,
				DOMAINS.stream().map(DomainName::of).toList(), mxNames, List.of("mail.protection.outlook.com"),
				EmailAddress.of("help@contoso.example"), "+44 20 7946 0000", ZoneOffset.UTC);
	}

}
