package org.partnertls.evidence;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Checkpoint;
import org.partnertls.audit.Exports;
import org.partnertls.audit.Proofs;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Words;
import org.thymeleaf.context.Context;
import org.thymeleaf.spring6.view.ThymeleafViewResolver;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.io.ClassPathResource;
import org.springframework.stereotype.Component;

/**
 * Writes an evidence pack as a ZIP that can be read and checked without the portal: the
 * page, the same as JSON, the events with their proofs, the checkpoint that the proofs
 * lead to, and how to check it. The page and the way to check are in the language of
 * whoever makes it; the rest is for machines.
 */
@Component
class PackFile {

	/** Of more events than this, the pack says where to get them instead. */
	private static final long MOST_EVENTS = 200_000;

	private final Exports exports;

	private final Proofs proofs;

	private final ThymeleafViewResolver views;

	private final OrganizationProperties organization;

	private final JsonMapper json;

	PackFile(Exports exports, Proofs proofs, ThymeleafViewResolver views, OrganizationProperties organization,
			JsonMapper json) {
		this.exports = exports;
		this.proofs = proofs;
		this.views = views;
		this.organization = organization;
		this.json = json;
	}

	void write(Pack pack, @Nullable UUID partner, OutputStream out) throws IOException {
		Checkpoint checkpoint = this.proofs.sealed().orElse(null);
		Pack sealed = pack.sealedBy((checkpoint != null) ? checkpoint.note() : null);
		try (ZipOutputStream zip = new ZipOutputStream(out)) {
			entry(zip, "evidence.html", page(sealed));
			entry(zip, "evidence.json", this.json.writerWithDefaultPrettyPrinter().writeValueAsString(sealed));
			StringBuilder how = new StringBuilder();
			line(how, Words.of("evidence.html and evidence.json say the same."));
			line(how, Words.of("Each claim names the event that it rests on by its id."));
			if (checkpoint != null) {
				entry(zip, "checkpoint.txt", checkpoint.note());
				entry(zip, "keys.txt",
						this.proofs.keys().stream().map(Object::toString).collect(Collectors.joining("\n", "", "\n")));
				zip.putNextEntry(new ZipEntry("events.jsonl"));
				long events = this.exports.proven(partner, pack.at(), checkpoint, MOST_EVENTS, new Unclosed(zip));
				zip.closeEntry();
				if (events < 0) {
					line(how, Words
						.of("There are too many events for this file: export them from the history page as JSON Lines."));
				}
				else {
					line(how, Words.of(
							"events.jsonl holds {0} events, each with the proof that it stands in the history that checkpoint.txt signs.",
							events));
					line(how, Words.of("Check it with: java -jar portal.jar audit verify events.jsonl"));
					line(how, Words
						.of("keys.txt holds the public key; compare it with one that you got by another way."));
				}
			}
			else {
				line(how, Words
					.of("This portal has no signing key, so there is no checkpoint and no proof in this file."));
			}
			entry(zip, "README.txt", how.toString());
		}
	}

	private String page(Pack pack) throws IOException {
		Map<String, Object> values = Map.of("pack", pack, "org", this.organization, "style",
				new ClassPathResource("evidence.css").getContentAsString(StandardCharsets.UTF_8));
		// The views' engine, since it speaks the language of whoever makes the pack.
		return this.views.getTemplateEngine()
			.process("compliance/file", new Context(Words.formats(Words.language()), values));
	}

	private static void line(StringBuilder text, String line) {
		text.append(line).append('\n');
	}

	private static void entry(ZipOutputStream zip, String name, String content) throws IOException {
		zip.putNextEntry(new ZipEntry(name));
		zip.write(content.getBytes(StandardCharsets.UTF_8));
		zip.closeEntry();
	}

	/** Lets a writer end its file without ending the ZIP. */
	private static final class Unclosed extends FilterOutputStream {

		Unclosed(OutputStream out) {
			super(out);
		}

		@Override
		public void write(byte[] bytes, int from, int length) throws IOException {
			this.out.write(bytes, from, length);
		}

		@Override
		public void close() throws IOException {
			flush();
		}

	}

}
