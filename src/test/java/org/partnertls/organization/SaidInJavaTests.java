package org.partnertls.organization;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ThrowTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every sentence that Java makes for a page is found again by {@link Said} when it is
 * finished, and no German stands there for an English that nobody says any more. The
 * sources are read as the compiler reads them: a text with values is a literal, joined to
 * expressions or formatted.
 */
class SaidInJavaTests {

	/**
	 * What is said to whoever runs the portal, on a terminal or in its log, and letters.
	 */
	private static final Set<String> FOR_OPERATORS = Set.of("AuditCommand", "Archive", "ProvenFile", "ProvenLines",
			"PowerShell", "DatabaseFailures", "SchemaCheck", "PackFile");

	/**
	 * What is made of words that change the sentence, of which each has its own German;
	 * and the remark in the tenant, which is shown as it stands there.
	 */
	private static final Set<String> NOT_AS_WRITTEN = Set.of(
			"Made by the Partner TLS Portal, reference {0}. Change it there.",
			"{0} {1} this request on {2}. Nothing else was done.",
			"{0} not what was signed: the tree does not fit {1} over {2} events.",
			"Our outbound connector demands the certificate name {0}, which {1}{2} not show: mail to this domain would be held back. Change the name in the plan, or the certificate.");

	/** Names of products and settings, and conditions. */
	private static final Pattern NO_WORDS = Pattern.compile(
			"(Cisco|Exchange|Google|Microsoft|Cloudflare|Proofpoint|Amazon|Broadcom|Trend|Zoho)( .*)?|Exim|Mimecast|Standard Webhooks"
					+ "|Postfix|Sendmail|Barracuda|Hornetsecurity|Sophos|SmtpDaneMode Mandatory|.*(:now|select|is null|is not null).*"
					+ "|(contact|owner|mail) (e-?mail|address|name|domain|language)");

	/** What is made of other things than sentences. */
	private static final Set<String> NO_SENTENCES = Set.of("sql", "query", "info", "warn", "error", "debug", "trace",
			"compile", "ofPattern", "matches", "detail", "personal", "require", "setHeader", "getInstance");

	private static final Pattern SENTENCE = Pattern
		.compile("(?s)[\\p{Lu}{“\"].*\\p{L} .*\\p{L} .*[\\p{L}\\d)}”\"][.?!]");

	private static final Path SOURCES = Path.of("src/main/java/org/partnertls");

	@Test
	void everySentenceIsKnownOnceItIsFinished() {
		Set<String> unknown = new TreeSet<>();
		int sentences = 0;
		for (Made made : made()) {
			if (made.isForAPage() && !NOT_AS_WRITTEN.contains(made.text()) && SENTENCE.matcher(made.text()).matches()) {
				sentences++;
				// A value right before a sentence is another sentence, or nothing.
				String finished = Pattern.compile("\\{(\\d)}")
					.matcher(made.text().replaceFirst("^\\{0} ?(?=\\p{Lu})", ""))
					.replaceAll("value-$1");
				if (Said.find(Locale.GERMAN, finished) == null) {
					unknown.add(made.file() + ": " + made.text());
				}
			}
		}

		assertThat(sentences).isGreaterThan(900);
		assertThat(unknown).as(() -> String.join("\n", unknown)).isEmpty();
	}

	@Test
	void everyWordOfAnEnumIsKnown() {
		Set<String> unknown = new TreeSet<>();
		for (Made made : made()) {
			if (made.isForAPage() && made.context().equals("enum")
					&& made.text().matches("\\p{Lu}\\p{Ll}+( .*)?|.*\\p{Ll} \\p{Ll}.*")
					&& !NO_WORDS.matcher(made.text()).matches() && Said.find(Locale.GERMAN, made.text()) == null) {
				unknown.add(made.file() + ": " + made.text());
			}
		}

		assertThat(unknown).as(() -> String.join("\n", unknown)).isEmpty();
	}

	@Test
	void noGermanIsLeftOver() {
		String said = made().stream()
			.map(Made::literals)
			.flatMap(List::stream)
			.collect(Collectors.joining("\n"))
			.toLowerCase(Locale.ROOT) + "\n" + properties().toLowerCase(Locale.ROOT);
		List<String> stale = Said.english()
			.stream()
			.filter((english) -> Stream.of(english.split("\\{\\d}")).anyMatch((piece) -> !isMadeOf(piece, said)))
			.toList();

		assertThat(stale).as(() -> String.join("\n", stale)).isEmpty();
	}

	/** Whether a text can be put together from few pieces of what is written. */
	private static boolean isMadeOf(String text, String said) {
		String rest = text.toLowerCase(Locale.ROOT).strip();
		for (int pieces = 0; pieces < 4 && !rest.isEmpty(); pieces++) {
			int length = rest.length();
			while (length > 0 && !said.contains(rest.substring(0, length))) {
				length--;
			}
			rest = rest.substring(length).strip();
		}
		return rest.isEmpty();
	}

	private static String properties() {
		try {
			return Files.readString(Path.of("src/main/resources/audit-codes.properties"))
					+ Files.readString(Path.of("src/main/resources/job-titles.properties"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static List<Made> made() {
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		List<Made> made = new ArrayList<>();
		try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
				Stream<Path> paths = Files.walk(SOURCES)) {
			List<Path> sources = paths.filter((path) -> path.toString().endsWith(".java")).toList();
			JavacTask task = (JavacTask) compiler.getTask(null, files, null, List.of("-proc:none"), null,
					files.getJavaFileObjectsFromPaths(sources));
			for (CompilationUnitTree unit : task.parse()) {
				String file = Path.of(unit.getSourceFile().getName()).getFileName().toString().replace(".java", "");
				new Reader(file, made).scan(unit, "");
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return made;
	}

	/**
	 * A text that the source makes.
	 *
	 * @param text with places for its values
	 * @param literals as they are written
	 * @param context whose argument it is
	 */
	private record Made(String file, String text, List<String> literals, String context) {

		boolean isForAPage() {
			return !FOR_OPERATORS.contains(this.file) && !NO_SENTENCES.contains(this.context)
					&& !this.context.startsWith("@") && !this.context.equals("throw");
		}

	}

	private static final class Reader extends TreeScanner<@Nullable Void, String> {

		private final String file;

		private final List<Made> made;

		Reader(String file, List<Made> made) {
			this.file = file;
			this.made = made;
		}

		@Override
		public @Nullable Void visitAnnotation(AnnotationTree annotation, String context) {
			boolean message = annotation.getArguments()
				.stream()
				.anyMatch((one) -> one.toString().startsWith("message"));
			return super.visitAnnotation(annotation, message ? "message" : "@");
		}

		@Override
		public @Nullable Void visitThrow(ThrowTree thrown, String context) {
			return super.visitThrow(thrown, "throw");
		}

		@Override
		public @Nullable Void visitNewClass(NewClassTree made, String context) {
			String name = made.getIdentifier().toString();
			boolean constant = made.toString().startsWith("/*enum*/") || context.equals("enum");
			scan(made.getArguments(), name.endsWith("Exception") ? "throw" : constant ? "enum" : name);
			return scan(made.getClassBody(), "");
		}

		@Override
		public @Nullable Void visitVariable(com.sun.source.tree.VariableTree variable, String context) {
			boolean constant = variable.toString().startsWith("/*public static final*/");
			return super.visitVariable(variable, constant ? "enum" : "");
		}

		@Override
		public @Nullable Void visitMethodInvocation(MethodInvocationTree call, String context) {
			String name = call.getMethodSelect().toString();
			if (call.getMethodSelect() instanceof MemberSelectTree select) {
				name = select.getIdentifier().toString();
				if (name.equals("formatted") && select.getExpression() instanceof LiteralTree literal) {
					add(List.of(String.valueOf(literal.getValue()).split("%[0-9$,.]*[a-z]", -1)), context);
				}
				else {
					scan(select.getExpression(), context);
				}
			}
			return scan(call.getArguments(), context.equals("throw") ? context : name);
		}

		@Override
		public @Nullable Void visitBinary(BinaryTree binary, String context) {
			List<ExpressionTree> parts = new ArrayList<>();
			flatten(binary, parts);
			if (binary.getKind() != Tree.Kind.PLUS || parts.stream().noneMatch(Reader::isText)) {
				return super.visitBinary(binary, context);
			}
			List<String> pieces = new ArrayList<>(List.of(""));
			for (ExpressionTree part : parts) {
				if (isText(part)) {
					pieces.add(pieces.removeLast() + ((LiteralTree) part).getValue());
				}
				else {
					pieces.add("");
					scan(part, context.equals("throw") ? context : "value");
				}
			}
			add(pieces, context);
			return null;
		}

		@Override
		public @Nullable Void visitLiteral(LiteralTree literal, String context) {
			if (isText(literal)) {
				add(List.of((String) literal.getValue()), context);
			}
			return null;
		}

		private void add(List<String> pieces, String context) {
			StringBuilder text = new StringBuilder(pieces.getFirst());
			for (int i = 1; i < pieces.size(); i++) {
				text.append('{').append(i - 1).append('}').append(pieces.get(i));
			}
			this.made.add(new Made(this.file, text.toString().strip(), pieces, context));
		}

		private static boolean isText(ExpressionTree part) {
			return part instanceof LiteralTree literal && literal.getValue() instanceof String;
		}

		private static void flatten(ExpressionTree part, List<ExpressionTree> parts) {
			if (part instanceof BinaryTree binary && binary.getKind() == Tree.Kind.PLUS) {
				flatten(binary.getLeftOperand(), parts);
				flatten(binary.getRightOperand(), parts);
			}
			else {
				parts.add(part);
			}
		}

	}

}
