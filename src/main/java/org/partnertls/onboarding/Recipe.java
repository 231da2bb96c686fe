package org.partnertls.onboarding;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * How a partner makes their own server enforce TLS with us, for one platform, with our
 * names filled in. Plain text throughout: whoever renders it escapes it.
 *
 * @param platform the platform
 * @param needs the version and the rights that it takes
 * @param toUs mail from the partner to us: always encrypted; null for a platform that
 * only receives
 * @param fromUs mail from us to the partner: clear text refused
 */
public record Recipe(MailPlatform platform, String needs, @Nullable Direction toUs, Direction fromUs) {

	/**
	 * One direction, complete in itself: it can be done, checked and undone without the
	 * other.
	 *
	 * @param covers which mail the steps make safe and which they do not
	 * @param steps in the order in which they are done; those to undo stand last
	 * @param whenEncryptionFails what happens to a message that cannot be encrypted
	 */
	public record Direction(String covers, List<Step> steps, String whenEncryptionFails) {

		public Direction {
			steps = List.copyOf(steps);
		}

	}

	/**
	 * One step.
	 *
	 * @param text what to do and what to look out for
	 * @param code what to copy, or null where the step is done by hand
	 * @param kind what the step is for
	 */
	public record Step(String text, @Nullable String code, Kind kind) {

		static Step look(String text, @Nullable String code) {
			return new Step(text, code, Kind.LOOK);
		}

		static Step backup(String text, @Nullable String code) {
			return new Step(text, code, Kind.BACKUP);
		}

		static Step tryOut(String text, @Nullable String code) {
			return new Step(text, code, Kind.TRY);
		}

		static Step change(String text, @Nullable String code) {
			return new Step(text, code, Kind.CHANGE);
		}

		static Step reload(String text, @Nullable String code) {
			return new Step(text, code, Kind.RELOAD);
		}

		static Step check(String text, @Nullable String code) {
			return new Step(text, code, Kind.CHECK);
		}

		static Step undo(String text, @Nullable String code) {
			return new Step(text, code, Kind.UNDO);
		}

	}

	/**
	 * What a step is for.
	 */
	public enum Kind {

		/** Reads what is set today; changes nothing. */
		LOOK("See what is set today"),

		/** Keeps a copy. */
		BACKUP("Keep a copy"),

		/** Shows what would happen, before any mail depends on it. */
		TRY("Try it first"),

		/** Adds our part to what is set. */
		CHANGE("Change it"),

		/** Makes the server take the change up. */
		RELOAD("Put it into effect"),

		/** Shows that it works. */
		CHECK("Check it"),

		/** Takes back what the recipe did, and nothing else. */
		UNDO("To undo this");

		private final String label;

		Kind(String label) {
			this.label = label;
		}

		/**
		 * The heading of such a step.
		 */
		public String label() {
			return this.label;
		}

	}

}
