package org.partnertls.audit;

import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Something that is not as it was written.
 *
 * @param index the place in the tree; null where the event has none or the trouble is not
 * with one event
 * @param event the event's id; null where it cannot be told
 * @param words what is wrong, in a sentence
 */
record Finding(@Nullable Long index, @Nullable UUID event, String words) {

	static Finding at(long index, @Nullable UUID event, String words) {
		return new Finding(index, event, words);
	}

	static Finding beside(UUID event, String words) {
		return new Finding(null, event, words);
	}

	static Finding general(String words) {
		return new Finding(null, null, words);
	}

	@Override
	public String toString() {
		String where = (this.index == null) ? "" : "event number " + this.index;
		String which = (this.event == null) ? "" : (where.isEmpty() ? "event " : ", ") + this.event;
		return (where + which).isEmpty() ? this.words : where + which + ": " + this.words;
	}

}
