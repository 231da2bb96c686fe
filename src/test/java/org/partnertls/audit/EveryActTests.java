package org.partnertls.audit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.partnertls.PortalTest;

import org.springframework.asm.ClassReader;
import org.springframework.asm.ClassVisitor;
import org.springframework.asm.Handle;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.Opcodes;
import org.springframework.asm.Type;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * No act without an event, no event without a meaning. Which routes can reach the history
 * is read from the compiled classes, so that a new route cannot be forgotten here.
 */
@PortalTest
class EveryActTests {

	/**
	 * Colours stand in a cookie of the visitor's own and nowhere else; a bounce is
	 * explained and not kept; a file of partners stands in the page until it is
	 * confirmed; a letter is looked at before its words are in force.
	 */
	private static final Set<String> KEEPS_NOTHING = Set.of("ReadingController#theme", "BounceController#explain",
			"ImportController#preview", "ImportController#failed", "LetterController#preview");

	private static final Pattern CODE = Pattern.compile("\"([a-z]+(?:-[a-z]+)*\\.[a-z]+(?:-[a-z]+)*)\"");

	@Autowired
	private RequestMappingHandlerMapping requestMappingHandlerMapping;

	private final Map<String, Set<String>> calls = new HashMap<>();

	private final Map<String, Set<String>> implementations = new HashMap<>();

	@Test
	void everyRouteThatChangesSomethingWritesAnEvent() {
		read(Path.of("target/classes/org/partnertls"));
		List<String> silent = new ArrayList<>();
		Set<String> seen = new TreeSet<>();
		this.requestMappingHandlerMapping.getHandlerMethods().forEach((info, handler) -> {
			Set<RequestMethod> methods = new HashSet<>(info.getMethodsCondition().getMethods());
			methods.removeAll(Set.of(RequestMethod.GET, RequestMethod.HEAD, RequestMethod.OPTIONS));
			if (methods.isEmpty() || !handler.getBeanType().getName().startsWith("org.partnertls")) {
				return;
			}
			String name = handler.getBeanType().getSimpleName() + "#" + handler.getMethod().getName();
			seen.add(name);
			if (!KEEPS_NOTHING.contains(name) && !reachesTheHistory(key(handler.getMethod()))) {
				silent.add(info + " (" + name + ")");
			}
		});

		assertThat(seen).hasSizeGreaterThan(20).containsAll(KEEPS_NOTHING);
		assertThat(silent).as("routes that change something without an event").isEmpty();
	}

	@Test
	void aMethodThatDoesNotWriteIsNotTakenForOneThatDoes() {
		read(Path.of("target/classes/org/partnertls"));

		assertThat(this.calls.keySet()
			.stream()
			.filter((method) -> method.startsWith("org/partnertls/account/ReadingController.theme"))
			.findFirst()).hasValueSatisfying((method) -> assertThat(reachesTheHistory(method)).isFalse());
	}

	@Test
	void everyCodeInTheSourceHasAMeaning() throws IOException {
		Set<String> groups = Words.all().keySet();
		Set<String> unknown = new TreeSet<>();
		try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
			for (Path file : files.filter((one) -> one.toString().endsWith(".java")).toList()) {
				String source = Files.readString(file);
				Matcher acts = Pattern
					.compile("(?:Act\\.of|Act\\.of\\([^()]*\\) \\?|about|act|move|append)\\([^;]*?;", Pattern.DOTALL)
					.matcher(source);
				while (acts.find()) {
					Matcher code = CODE.matcher(acts.group());
					while (code.find()) {
						String found = code.group(1);
						if (groups.contains(found.substring(0, found.indexOf('.'))) && !Words.knows(found)) {
							unknown.add(found + " in " + file.getFileName());
						}
					}
				}
				Matcher written = Pattern.compile("Act\\.of\\(\"([^\"]+)\"\\)").matcher(source);
				while (written.find()) {
					if (!Words.knows(written.group(1))) {
						unknown.add(written.group(1) + " in " + file.getFileName());
					}
				}
			}
		}

		assertThat(unknown).as("codes without a line in audit-codes.properties").isEmpty();
	}

	@Test
	void meaningsAreShownInTheReadersLanguageAndKeptInEnglish() {
		LocaleContextHolder.setLocale(Locale.GERMANY);
		try {
			assertThat(Words.shown("attestation.submitted")).isEqualTo("Bestätigt und eingereicht");
			assertThat(Words.shown("attestation.submitted.failed"))
				.isEqualTo("Fehlgeschlagen: Bestätigt und eingereicht");
			assertThat(Words.shown("attestation.submitted.refused")).isEqualTo("Abgelehnt: Bestätigt und eingereicht");
			assertThat(Words.of("attestation.submitted.refused")).isEqualTo("Refused: confirmed and handed in");
		}
		finally {
			LocaleContextHolder.resetLocaleContext();
		}
		assertThat(Words.shown("attestation.submitted.refused")).isEqualTo("Refused: confirmed and handed in");
	}

	@Test
	void aFailureHasACodeOfItsOwnWithAMeaning() {
		assertThat(Words.code("connector.outbound-written", "failure")).isEqualTo("connector.outbound-written.failed");
		assertThat(Words.of("connector.outbound-written.failed")).startsWith("Did not work: ");
		assertThat(Words.code("domain.added", "refused")).isEqualTo("domain.added.refused");
		assertThat(Words.of("domain.added.refused")).startsWith("Refused: ");
		assertThat(Words.code("access.denied", "refused")).isEqualTo("access.denied");
		assertThat(Words.code("connector.relief-failed", "failure")).isEqualTo("connector.relief-failed");
	}

	private boolean reachesTheHistory(String from) {
		Deque<String> open = new ArrayDeque<>(List.of(from));
		Set<String> visited = new HashSet<>();
		while (!open.isEmpty()) {
			String method = open.pop();
			if (method.startsWith("org/partnertls/audit/AuditLog.append")) {
				return true;
			}
			if (visited.add(method)) {
				this.calls.getOrDefault(method, Set.of()).forEach((called) -> {
					open.push(called);
					String owner = called.substring(0, called.indexOf('.'));
					this.implementations.getOrDefault(owner, Set.of())
						.forEach((type) -> open.push(type + called.substring(called.indexOf('.'))));
				});
			}
		}
		return false;
	}

	private static String key(Method method) {
		return Type.getInternalName(method.getDeclaringClass()) + "." + method.getName()
				+ Type.getMethodDescriptor(method);
	}

	private void read(Path folder) {
		try (Stream<Path> files = Files.walk(folder)) {
			for (Path file : files.filter((one) -> one.toString().endsWith(".class")).toList()) {
				new ClassReader(Files.readAllBytes(file)).accept(new Calls(), ClassReader.SKIP_DEBUG);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Notes which method calls which, through lambdas too. */
	private final class Calls extends ClassVisitor {

		private String owner = "";

		Calls() {
			super(Opcodes.ASM9);
		}

		@Override
		public void visit(int version, int access, String name, String signature, String parent, String[] interfaces) {
			this.owner = name;
			Stream.concat(Stream.of(parent), Stream.of(interfaces))
				.forEach((type) -> EveryActTests.this.implementations.computeIfAbsent(type, (key) -> new HashSet<>())
					.add(name));
		}

		@Override
		public MethodVisitor visitMethod(int access, String name, String descriptor, String signature,
				String[] exceptions) {
			Set<String> called = EveryActTests.this.calls.computeIfAbsent(this.owner + "." + name + descriptor,
					(key) -> new HashSet<>());
			return new MethodVisitor(Opcodes.ASM9) {

				@Override
				public void visitMethodInsn(int opcode, String type, String method, String signature,
						boolean isInterface) {
					called.add(type + "." + method + signature);
				}

				@Override
				public void visitInvokeDynamicInsn(String method, String signature, Handle bootstrap,
						Object... arguments) {
					for (Object argument : arguments) {
						if (argument instanceof Handle handle) {
							called.add(handle.getOwner() + "." + handle.getName() + handle.getDesc());
						}
					}
				}

			};
		}

	}

}
