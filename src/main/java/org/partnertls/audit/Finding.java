package org.partnertls.audit;

import java.util.Comparator;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Something that is not as it was written.
 *
 * @param index the place in the tree, or where a stretch begins of which one event is
 * wrong; null where the event has no place or the trouble is not with an event
 * @param last where the stretch ends; the same as index for a single event
 * @param event the event's id; null where it cannot be told
 * @param words what is wrong, in a sentence
 */
record Finding(@Nullable Long index, @Nullable Long last, @Nullable UUID event, String words) {

	static Finding at(long index, @Nullable UUID event, String words) {
		return new Finding(index, index, event, words);
	}

	static Finding within(long index, long last, @Nullable UUID event, String words) {
		return new Finding(index, last, event, words);
	}

	static Finding beside(UUID event, String words) {
		return new Finding(null, null, event, words);
	}

	static Finding general(String words) {
		return new Finding(null, null, null, words);
	}

	/**
	 * The first wrong event first. A stretch within which something narrower is known to
	 * be wrong says nothing new, so it comes after that.
	 */
	static List<Finding> inOrder(List<Finding> findings) {
		return findings.stream()
			.sorted(Comparator.comparingLong((Finding finding) -> finding.rank(findings))
				.thenComparingLong(Finding::width))
			.toList();
	}

	private long rank(List<Finding> all) {
		long begin = begin();
		return (this.index == null) ? begin
				: all.stream()
					.filter((other) -> other.index != null && other.begin() >= begin
							&& other.begin() + other.width() <= begin + width() && other.width() < width())
					.mapToLong((other) -> other.rank(all))
					.min()
					.orElse(begin);
	}

	/** Where it begins; what has no place comes last. */
	long begin() {
		return (this.index != null) ? this.index : Long.MAX_VALUE;
	}

	private long width() {
		return (this.index != null && this.last != null) ? this.last - this.index : 0;
	}

	private boolean isSingle() {
		return this.index != null && this.index.equals(this.last);
	}

	@Override
	public String toString() {
		String where = (this.index == null) ? ""
				: isSingle() ? "event number " + this.index : "events number " + this.index + " to " + this.last;
		String which = (this.event == null) ? "" : (where.isEmpty() ? "event " : ", ") + this.event;
		return (where + which).isEmpty() ? this.words : where + which + ": " + this.words;
	}

}
