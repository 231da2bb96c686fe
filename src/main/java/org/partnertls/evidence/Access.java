package org.partnertls.evidence;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.History;

import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Who held which role when, for access reviews: as the identity provider said at each
 * sign-in, since the portal knows roles from nowhere else.
 */
@Component
@Transactional(readOnly = true)
class Access {

	private final History history;

	Access(History history) {
		this.history = history;
	}

	/** All roles ever held before a time, those still held first. */
	List<Held> held(Instant until) {
		Map<String, Map<String, Held>> open = new LinkedHashMap<>();
		List<Held> held = new ArrayList<>();
		Map<String, History.Row> last = new LinkedHashMap<>();
		this.history.each(List.of("sign-in.staff", "sign-in.without-role", "sign-in.partner"), null, until, (event) -> {
			String person = event.actorId();
			last.put(person, event);
			Set<String> roles = roles(event);
			Map<String, Held> now = open.computeIfAbsent(person, (id) -> new LinkedHashMap<>());
			for (String role : roles) {
				Held before = now.get(role);
				now.put(role,
						new Held(person, "", role, (before != null) ? before.from() : event.at(), event.at(), null));
			}
			now.keySet().stream().filter((role) -> !roles.contains(role)).toList().forEach((role) -> {
				Held lost = java.util.Objects.requireNonNull(now.remove(role));
				held.add(new Held(person, "", role, lost.from(), lost.lastUsed(), event.at()));
			});
		});
		List<Held> all = new ArrayList<>(open.values().stream().flatMap((roles) -> roles.values().stream()).toList());
		all.addAll(held);
		Map<String, String> names = this.history.people(List.copyOf(last.values()))
			.stream()
			.collect(Collectors.toMap(History.Row::actorId, History.Row::who, (a, b) -> b));
		return all.stream()
			.map((one) -> new Held(one.person(), names.getOrDefault(one.person(), one.person()), one.role(), one.from(),
					one.lastUsed(), one.lost()))
			.toList();
	}

	private static Set<String> roles(History.Row event) {
		if (event.code().equals("sign-in.partner")) {
			return Set.of("Partner");
		}
		String words = event.text("actor", "role");
		return new TreeSet<>(
				Arrays.stream(words.split(", ")).filter((role) -> !role.isBlank() && !role.equals("No role")).toList());
	}

	/**
	 * A role that somebody held.
	 *
	 * @param person the account's id
	 * @param name their last name known
	 * @param role the role
	 * @param from the first sign-in with it
	 * @param lastUsed the last sign-in with it
	 * @param lost the sign-in at which it was gone; null: never seen to be
	 */
	record Held(String person, String name, String role, Instant from, Instant lastUsed, @Nullable Instant lost) {
	}

}
