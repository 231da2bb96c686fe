package org.partnertls.connector;

import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * How far enforcement is loosened, gentlest first.
 */
public enum ReliefStep {

	/** We send encrypted, whatever the certificate. */
	OUTBOUND_ENCRYPTION_ONLY(Direction.OUTBOUND, "Accept any certificate when we send",
			"Mail to the partner stays encrypted, but their certificate is no longer checked.", false),
	/** We take what comes without TLS. */
	INBOUND_CLEAR_TEXT(Direction.INBOUND, "Accept mail without TLS",
			"Mail from the partner may travel in clear text, and from any server.", true),
	/** We send with TLS only if the other side offers it. */
	OUTBOUND_OFF(Direction.OUTBOUND, "Switch the outbound connector off",
			"Mail to the partner may travel in clear text.", true);

	private final Direction direction;

	private final String words;

	private final String consequence;

	private final boolean clearText;

	ReliefStep(Direction direction, String words, String consequence, boolean clearText) {
		this.direction = direction;
		this.words = words;
		this.consequence = consequence;
		this.clearText = clearText;
	}

	public Direction direction() {
		return this.direction;
	}

	/** What is done. */
	public String words() {
		return this.words;
	}

	/** What it means, as a sentence. */
	public String consequence() {
		return this.consequence;
	}

	/** Whether mail may travel in clear text then. */
	public boolean isClearText() {
		return this.clearText;
	}

	Form relieved(Form form) {
		return switch (this) {
			case OUTBOUND_ENCRYPTION_ONLY ->
				form.with(Form.TLS_SETTINGS, TlsLevel.ENCRYPTION_ONLY.parameter()).with(Form.TLS_DOMAIN, null);
			case INBOUND_CLEAR_TEXT -> form.with(Form.REQUIRE_TLS, false)
				.with(Form.BY_CERTIFICATE, false)
				.with(Form.CERTIFICATE, null)
				.with(Form.BY_ADDRESS, false);
			case OUTBOUND_OFF -> form.with(Form.ENABLED, false);
		};
	}

	/** The settings that the step touches. */
	Map<String, @Nullable Object> touched(Form form) {
		Map<String, @Nullable Object> touched = new TreeMap<>();
		java.util.List<String> parameters = switch (this) {
			case OUTBOUND_ENCRYPTION_ONLY -> java.util.List.of(Form.TLS_SETTINGS, Form.TLS_DOMAIN);
			case INBOUND_CLEAR_TEXT ->
				java.util.List.of(Form.REQUIRE_TLS, Form.BY_CERTIFICATE, Form.CERTIFICATE, Form.BY_ADDRESS);
			case OUTBOUND_OFF -> java.util.List.of(Form.ENABLED);
		};
		parameters.forEach((parameter) -> touched.put(parameter, form.get(parameter)));
		return touched;
	}

}
