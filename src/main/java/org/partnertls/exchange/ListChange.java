package org.partnertls.exchange;

import java.util.List;

/**
 * A value for a list parameter that adds and removes entries instead of replacing the
 * whole list, sent as {@code @{Add=…;Remove=…}}. Both lists empty clears the parameter.
 *
 * @param add entries to add
 * @param remove entries to remove
 */
public record ListChange(List<String> add, List<String> remove) {

	public ListChange {
		add = List.copyOf(add);
		remove = List.copyOf(remove);
	}

}
