package org.partnertls.partner;

import java.util.Collection;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * What the modules above know about partners, for the list: the state of each direction,
 * a state word that says more than the partnership's own, the last TLS check. The list
 * does without where nobody implements it.
 */
public interface PartnerSigns {

	/**
	 * The signs of some partners, in one go.
	 * @param partners the ids of those on the page
	 * @return signs by id; a partner without any may be left out
	 */
	Map<UUID, Sign> of(Collection<UUID> partners);

	/**
	 * A partner's signs.
	 *
	 * @param out mail from us to them; null when nothing is set up
	 * @param in mail from them to us; null when nothing is set up
	 * @param state what to show instead of the partnership's state; null for that
	 * @param tlsCheck the last check in a few words: {@code today, passed}
	 */
	record Sign(@Nullable Way out, @Nullable Way in, @Nullable Word state, @Nullable String tlsCheck) {
	}

	/**
	 * One direction.
	 *
	 * @param tone good, wait, bad or idle
	 * @param words for example {@code enforced}
	 * @param icon a Bootstrap icon without {@code bi-}
	 */
	record Way(String tone, String words, String icon) {

		static final Way NOT_SET_UP = new Way("idle", "not set up", "dash-circle");

	}

	/**
	 * A state word.
	 *
	 * @param words for example {@code Due in 21 days}
	 * @param tone good, wait, bad or idle
	 */
	record Word(String words, String tone) {
	}

}
