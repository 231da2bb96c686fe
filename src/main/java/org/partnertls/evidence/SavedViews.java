package org.partnertls.evidence;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.Texts;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Searches of the list of partners that people keep for themselves under a name.
 */
@Component
@Transactional
class SavedViews {

	private static final int MOST = 30;

	private final JdbcClient jdbc;

	private final AuditLog audit;

	private final Clock clock;

	SavedViews(JdbcClient jdbc, AuditLog audit, Clock clock) {
		this.jdbc = jdbc;
		this.audit = audit;
		this.clock = clock;
	}

	/** Somebody's views, by name. */
	@Transactional(readOnly = true)
	List<View> of(UUID account) {
		return this.jdbc.sql("select name, query from saved_view where account_id = ? order by lower(name), name")
			.param(account)
			.query((row, number) -> new View(row.getString(1), PartnerFilter.of(row.getString(2))))
			.list();
	}

	/**
	 * Keeps a search; one of the same name is replaced.
	 * @return why not, in words; empty when it was kept
	 */
	Optional<String> save(UUID account, String name, PartnerFilter filter) {
		Optional<String> problem = Texts.line(name, 60, "Give the view a name.");
		if (problem.isPresent()) {
			return problem;
		}
		List<View> views = of(account);
		if (views.size() >= MOST && views.stream().noneMatch((view) -> view.name().equals(name.strip()))) {
			return Optional.of("You have " + MOST + " views already. Delete one first.");
		}
		this.jdbc.sql("""
				insert into saved_view (account_id, name, query, saved_at) values (?, ?, ?, ?)
				on conflict (account_id, name) do update set query = excluded.query, saved_at = excluded.saved_at""")
			.params(account, name.strip(), filter.query(), PartnerList.utc(this.clock.instant()))
			.update();
		this.audit.append(Act.of("partner.view-saved").on("account", account));
		return Optional.empty();
	}

	/** Deletes one of somebody's views. */
	boolean delete(UUID account, String name) {
		boolean deleted = this.jdbc.sql("delete from saved_view where account_id = ? and name = ?")
			.params(account, name)
			.update() > 0;
		if (deleted) {
			this.audit.append(Act.of("partner.view-deleted").on("account", account));
		}
		return deleted;
	}

	/** A search under a name. */
	record View(String name, PartnerFilter filter) {

		public String url() {
			return this.filter.address("/partners", java.util.Map.of()).toString();
		}

	}

}
