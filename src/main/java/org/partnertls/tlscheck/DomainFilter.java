package org.partnertls.tlscheck;

import java.util.Arrays;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import org.springframework.web.util.UriComponentsBuilder;

/**
 * Which domains a list shows, as its address says it.
 *
 * @param words a part of the domain's or the partner's name; empty for all
 * @param show which of them
 */
record DomainFilter(String words, Show show) {

	static DomainFilter of(String words, String show) {
		return new DomainFilter(words.strip().toLowerCase(Locale.ROOT),
				Arrays.stream(Show.values()).filter((one) -> one.slug().equals(show)).findFirst().orElse(Show.ALL));
	}

	boolean isEmpty() {
		return this.words.isEmpty() && this.show == Show.ALL;
	}

	/**
	 * The address of a page with these domains.
	 * @param path of the page
	 * @param after the domain after which it begins; null from the start
	 */
	String address(String path, @Nullable String after) {
		UriComponentsBuilder address = UriComponentsBuilder.fromPath(path);
		if (!this.words.isEmpty()) {
			address.queryParam("domain", "{words}");
		}
		if (this.show != Show.ALL) {
			address.queryParam("show", this.show.slug());
		}
		if (after != null) {
			address.queryParam("after", after);
		}
		return this.words.isEmpty() ? address.toUriString() : address.encode().buildAndExpand(this.words).toUriString();
	}

	DomainFilter only(Show other) {
		return new DomainFilter(this.words, other);
	}

	/**
	 * A choice of domains.
	 */
	enum Show {

		/** Every domain that was ever looked at. */
		ALL("All", "", "true"),
		/** Those whose checks fail. */
		FAILING("Failing", "failing", "state = 'FAILING'"),
		/** Those with a certificate that wants to be renewed. */
		EXPIRING("Certificate expires soon", "expiring", "expiring_from <= :now and expires_at > :now"),
		/** Those about which the last check could say nothing. */
		INCONCLUSIVE("Inconclusive", "inconclusive", "outcome = 'INCONCLUSIVE'"),
		/** Those to which no mail could be sent by TLS only. */
		NOT_FORCED("Forced TLS not possible", "not-forced", "forced_tls = 'FAIL'"),
		/** Those whose servers are not the ones approved. */
		DIFFERENT("Not as approved", "different", "difference is not null"),
		/** Those that are only looked at when somebody asks. */
		UNWATCHED("Not watched", "unwatched", "watched_since is null");

		private final String title;

		private final String slug;

		private final String condition;

		Show(String title, String slug, String condition) {
			this.title = title;
			this.slug = slug;
			this.condition = condition;
		}

		/** For people. */
		public String title() {
			return this.title;
		}

		/** In addresses. */
		public String slug() {
			return this.slug;
		}

		/** In SQL over {@code watched_domain}, with {@code :now}. */
		String condition() {
			return this.condition;
		}

	}

}
