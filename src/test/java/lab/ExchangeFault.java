package lab;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * Something that goes wrong with one call.
 *
 * @param on the call it waits for: the start of a cmdlet's name (empty: any cmdlet), or
 * {@value #TOKEN}
 * @param effect what happens
 * @param status of an answer given instead
 * @param headers of it
 * @param body of it
 * @param delay how long an answer is held back
 */
public record ExchangeFault(String on, Effect effect, int status, Map<String, String> headers, String body,
		Duration delay) {

	public static final String TOKEN = "token";

	public enum Effect {

		/**
		 * Nothing is done; the given answer comes.
		 */
		ANSWER_INSTEAD,

		/**
		 * The cmdlet runs, and then the given answer comes.
		 */
		ANSWER_AFTER_COMMIT,

		/**
		 * The connection is cut and nothing is done.
		 */
		CUT_BEFORE,

		/**
		 * The cmdlet runs, then the connection is cut without an answer.
		 */
		CUT_AFTER_COMMIT,

		/**
		 * The cmdlet runs, then the connection is cut in the middle of the body.
		 */
		CUT_IN_BODY,

		/**
		 * The cmdlet runs, and the answer takes its time.
		 */
		HOLD_AFTER_COMMIT,

		/**
		 * Nothing happens for a while; then the cmdlet runs, whether or not somebody
		 * still waits for it.
		 */
		HOLD_BEFORE_COMMIT,

		/**
		 * The cmdlet runs and is answered with the body as a warning.
		 */
		WARN,

		/**
		 * The list has one object less and a nextLink.
		 */
		TRUNCATE

	}

	/**
	 * The same for certain cmdlets only.
	 * @param prefix for example {@code New-} or {@code Get-InboundConnector}
	 */
	public ExchangeFault on(String prefix) {
		return new ExchangeFault(prefix, this.effect, this.status, this.headers, this.body, this.delay);
	}

	/**
	 * The same with the answer given although the cmdlet ran.
	 */
	public ExchangeFault afterCommit() {
		return new ExchangeFault(this.on, Effect.ANSWER_AFTER_COMMIT, this.status, this.headers, this.body, this.delay);
	}

	public static ExchangeFault answer(int status, Map<String, String> headers, String body) {
		return new ExchangeFault("", Effect.ANSWER_INSTEAD, status, headers, body, Duration.ZERO);
	}

	/**
	 * The application has no permission, or its token is not accepted.
	 */
	public static ExchangeFault unauthorized() {
		return answer(401, Map.of(), "");
	}

	/**
	 * The application has no role: a body of NUL bytes that claims to be JSON.
	 */
	public static ExchangeFault forbidden() {
		return answer(403, Map.of("Content-Type", "application/json"), "\0".repeat(4096));
	}

	public static ExchangeFault throttled(Duration retryAfter) {
		return answer(429, Map.of("Retry-After", Long.toString(retryAfter.toSeconds())), "");
	}

	/**
	 * A front end's own page.
	 */
	public static ExchangeFault unavailable() {
		return answer(503, Map.of("Content-Type", "text/html"),
				"<html><body><h2>Our services aren't available right now</h2></body></html>");
	}

	public static ExchangeFault redirect(int status, URI target) {
		return answer(status, Map.of("Location", target.toString()), "");
	}

	/**
	 * Something passing under a status that does not tell so.
	 */
	public static ExchangeFault passing() {
		return error(400, "Microsoft.Exchange.Data.Directory.TransientException",
				"The operation could not be carried out. The issue may be transient, please retry.");
	}

	/**
	 * Too many at once, in plain words and under a status of refusal.
	 */
	public static ExchangeFault crowded() {
		return answer(400, Map.of("Content-Type", "text/plain"),
				"You have reached the maximum number of concurrent requests per tenant. Please wait and try again.");
	}

	/**
	 * An error under a status of success.
	 */
	public static ExchangeFault errorAsSuccess(String type, String text) {
		return answer(200, Map.of("Content-Type", "application/json"),
				ExchangeOnlineDouble.Envelope.BOTH.body(400, type, text));
	}

	/**
	 * Taken on, to be asked for later.
	 */
	public static ExchangeFault accepted(URI location) {
		return answer(202, Map.of("Location", location.toString()), "");
	}

	/**
	 * A cmdlet's exception.
	 */
	public static ExchangeFault error(int status, String type, String text) {
		return error(status, type, text, ExchangeOnlineDouble.Envelope.BOTH);
	}

	public static ExchangeFault error(int status, String type, String text, ExchangeOnlineDouble.Envelope envelope) {
		return answer(status, Map.of("Content-Type", "application/json"), envelope.body(status, type, text));
	}

	public static ExchangeFault cutBefore() {
		return of(Effect.CUT_BEFORE, Duration.ZERO);
	}

	public static ExchangeFault cutAfterCommit() {
		return of(Effect.CUT_AFTER_COMMIT, Duration.ZERO);
	}

	public static ExchangeFault cutInBody() {
		return of(Effect.CUT_IN_BODY, Duration.ZERO);
	}

	/**
	 * Commits, then answers late. Ends early when the double is closed.
	 */
	public static ExchangeFault slow(Duration delay) {
		return of(Effect.HOLD_AFTER_COMMIT, delay);
	}

	/**
	 * Commits late, after the caller may have given up. Ends early, and without
	 * committing, when the double is closed.
	 */
	public static ExchangeFault late(Duration delay) {
		return of(Effect.HOLD_BEFORE_COMMIT, delay);
	}

	/**
	 * Done, with a remark.
	 */
	public static ExchangeFault warned(String warning) {
		return new ExchangeFault("", Effect.WARN, 200, Map.of(), warning, Duration.ZERO);
	}

	public static ExchangeFault truncated() {
		return of(Effect.TRUNCATE, Duration.ZERO);
	}

	/**
	 * The sign-in service refuses.
	 * @param code for example 7000222
	 */
	public static ExchangeFault signInRefused(int status, String error, int code, String text) {
		return answer(status, Map.of("Content-Type", "application/json"), ExchangeSignIn.refusal(error, code, text))
			.on(TOKEN);
	}

	private static ExchangeFault of(Effect effect, Duration delay) {
		return new ExchangeFault("", effect, 200, Map.of(), "", delay);
	}

}
