package org.partnertls.alarm;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What a webhook is told.
 *
 * @param event which, for programs: {@code alarm.opened} and the like
 * @param words which, for people
 * @param title about what, in a few words
 * @param sentence the same in one sentence
 * @param alarm about what; null: not about one of them
 * @param page the full address of where to look
 * @param by who acknowledged it; null: nobody
 * @param at when
 */
record Notice(String event, String words, String title, String sentence, @Nullable AlarmView alarm, String page,
		@Nullable String by, Instant at) {

	private static final String CARD = "application/vnd.microsoft.card.adaptive";

	static Notice about(AlarmView alarm, String event, String words, String page, @Nullable String by, Instant at) {
		return new Notice(event, words, alarm.title(), alarm.sentence(), alarm, page, by, at);
	}

	/** Whether it is about an alarm that nobody took care of in time. */
	boolean isOfEscalated() {
		return this.alarm != null && this.alarm.escalatedAt() != null;
	}

	/** For programs: type, time and data, as Standard Webhooks advises. */
	Map<String, Object> generic() {
		Map<String, Object> data = new LinkedHashMap<>();
		if (this.alarm != null) {
			data.put("id", this.alarm.id().toString());
			data.put("state", this.alarm.state().name());
			data.put("cause", this.alarm.cause().name());
			data.put("title", this.alarm.title());
			data.put("sentence", this.alarm.sentence());
			data.put("remedy", this.alarm.cause().remedy());
			if (this.alarm.partnerId() != null) {
				data.put("partnerId", this.alarm.partnerId().toString());
				data.put("partnerName", String.valueOf(this.alarm.partnerName()));
			}
			data.put("since", this.alarm.since().toString());
			data.put("openedAt", this.alarm.openedAt().toString());
			if (this.by != null) {
				data.put("acknowledgedBy", this.by);
			}
		}
		data.put("page", this.page);
		Map<String, Object> message = new LinkedHashMap<>();
		message.put("type", this.event);
		message.put("timestamp", this.at.toString());
		message.put("data", data);
		return message;
	}

	/**
	 * An Adaptive Card for a Workflows webhook of Microsoft Teams. What others have named
	 * stands in text runs, which read no Markdown: nobody can put a link there.
	 */
	Map<String, Object> card() {
		List<Object> body = new ArrayList<>();
		body.add(text(this.words, "small", false));
		body.add(text(this.title, "large", true));
		body.add(text(this.sentence, "default", false));
		if (this.by != null) {
			body.add(text("By " + this.by, "default", false));
		}
		else if (this.alarm != null && this.alarm.state() != Alarm.State.CLOSED) {
			body.add(text(this.alarm.cause().remedy(), "default", false));
		}
		Map<String, Object> content = new LinkedHashMap<>();
		content.put("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
		content.put("type", "AdaptiveCard");
		content.put("version", "1.4");
		content.put("body", body);
		content.put("actions", List.of(Map.of("type", "Action.OpenUrl", "title",
				(this.alarm != null) ? "Open the alarm" : "Open the alarms", "url", this.page)));
		return Map.of("type", "message", "attachments", List.of(Map.of("contentType", CARD, "content", content)));
	}

	private static Map<String, Object> text(String words, String size, boolean strong) {
		return Map.of("type", "RichTextBlock", "inlines", List
			.of(Map.of("type", "TextRun", "text", words, "size", size, "weight", strong ? "bolder" : "default")));
	}

}
