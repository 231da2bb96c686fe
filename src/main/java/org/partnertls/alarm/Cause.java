package org.partnertls.alarm;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What gives an alarm, each with the statement that finds all subjects for which it holds
 * now: subject, partner's id and name, sentence, page, since when. What is not found any
 * more has ended. The order is that of urgency.
 */
enum Cause {

	/** The history is not what it was. */
	HISTORY("The history has been altered",
			"Look into it together with whoever runs the database, and keep every checkpoint that was handed out.", """
					select 'history', null::uuid, null, 'The last verification found '
						|| (v.result::jsonb ->> 'wrong') || ' things wrong.', '/history/integrity', v.finished_at
					from (select * from audit_verification where finished_at is not null
						order by finished_at desc limit 1) v
					where (v.result::jsonb ->> 'wrong')::bigint > 0"""),

	/** Heard of, and over when there is a newer checkpoint. */
	SEALING("The history is no longer sealed",
			"Read why on the page of the history's integrity; nothing that happens meanwhile is proven.", """
					select a.subject, a.partner_id, a.partner_name, a.sentence, a.page, a.since
					from alarm a where a.cause = 'SEALING' and a.state <> 'CLOSED'
						and not exists (select from audit_checkpoint c where c.at > a.opened_at)"""),

	/** Mail may travel in clear text. */
	RELIEF("Encryption is relaxed",
			"End the relief as soon as the cause is mended: it does not end by itself, and mail may travel in clear text.",
			"""
					select id::text, partner_id, partner_name, case state when 'FAILED'
						then 'Relaxing did not work: ' || coalesce(detail, 'no answer') || ' Run the PowerShell lines by hand.'
						else by_name || ' has relaxed it: ' || reason end,
						'/partners/' || partner_id || '/relief', wanted_at
					from connector_relief where state <> 'ENDED' and until >= :now"""),

	/** Its time is over and it is still there. */
	RELIEF_OVERDUE("A relief was not taken back", "End it, or relieve anew with a reason.", """
			select id::text, partner_id, partner_name, 'Its time was over on '
				|| to_char(until at time zone :zone, 'FMDD Mon YYYY, HH24:MI') || ' and it is still in effect.',
				'/partners/' || partner_id || '/relief', until
			from connector_relief where state <> 'ENDED' and until < :now"""),

	/** A connector is not as approved. */
	DRIFT("Changed in Microsoft 365",
			"Look at what was changed: have the approved settings applied again, or accept what is there.", """
					select id::text, partner_id, partner_name, case kind
						when 'GONE' then 'The connector "' || name || '" was deleted.'
						when 'SWITCHED_OFF' then 'The connector "' || name || '" was switched off.'
						when 'LOOSENED' then 'The connector "' || name || '" was loosened: clear text may pass.'
						when 'UNVALIDATED' then 'The connector "' || name || '" is no longer recorded as validated.'
						else 'The connector "' || name || '" was changed.' end,
						'/partners/' || partner_id || '/connectors', found_at
					from connector_drift where ended_at is null"""),

	/** What has changed in the tenant is not known. */
	BLIND("Nobody can look at the tenant", "See on the page of the connection what does not work.", """
			select tenant_id, null::uuid, null, 'The connectors could not be compared with what was approved: '
				|| coalesce(failure, 'no answer'), '/connectors/drift', lost_at
			from connector_drift_check where lost_at is not null"""),

	/** A connector demands what is not done. */
	PATH("Mail does not take our connector",
			"What the connector demands is not enforced. Mend the rule, route or connector that goes before it.", """
					select p.partner_id || ' ' || p.direction, p.partner_id, c.partner_name,
						'Mail ' || case p.direction when 'OUTBOUND' then 'to' else 'from' end
							|| ' them takes another way: ' || (p.obstacles::jsonb ->> 0),
						'/partners/' || p.partner_id || '/mail', p.checked_at
					from mail_path p join connector c on c.tenant_id = p.tenant_id and c.partner_id = p.partner_id
						and c.direction = p.direction
					where p.obstacles <> '[]' and c.enforced_since is not null and p.checked_at >= c.enforced_since"""),

	/** A push stands still. */
	ATTENTION("A push stands still", "Read which step failed and why, mend it, then try again.", """
			select id::text, partner_id, partner_name, coalesce(why, 'A step failed.'), '/changes/' || id,
				coalesce(started_at, proposed_at)
			from connector_change where state = 'NEEDS_ATTENTION'"""),

	/** A bulk push stands still. */
	ROLLOUT("A bulk push has stopped", "Look at what failed, then let it go on.", """
			select id::text, null::uuid, null, 'It has stopped by itself after failures.', '/connectors', stopped_at
			from connector_rollout where ended_at is null and stopped_at is not null"""),

	/** Mail that demands TLS does not get through. */
	FAILING("A partner's mail servers fail the check",
			"Phone the partner's contact: mail to them is held back and returned after a day.", """
					select domain, partner_id, partner_name, domain || ': ' || coalesce(sentence, 'the check fails.'),
						'/tls-checks/domains/' || domain, state_since
					from watched_domain
					where state = 'FAILING' and watched_since is not null and approved is not null"""),

	/** Nobody looks. */
	ROUND("TLS checks are late",
			"See whether our own network, DNS or clock is to blame; nothing is known about what changed since.",
			"""
					select id::text, null::uuid, null, 'The round of checks that began on '
						|| to_char(started_at at time zone :zone, 'FMDD Mon YYYY, HH24:MI') || ' has not finished in time.',
						'/tls-checks/rounds', alarmed_at
					from check_round where alarmed_at is not null and finished_at is null"""),

	/** The portal cannot do its work in the tenant. */
	CONNECTION("The connection to Microsoft 365 does not work",
			"Grant or change what the page of the connection names.",
			"""
					select c.tenant_id || ' ' || (f ->> 'title'), null::uuid, null, (f ->> 'title') || ': ' || (f ->> 'words'),
						'/connection', c.checked_at
					from connection_check c, jsonb_array_elements(c.findings::jsonb) f
					where f ->> 'tone' = 'bad' and f ->> 'title' <> 'Credential'"""),

	/** Heard of, and over when the connection has a certificate that lasts. */
	CREDENTIAL("The portal's certificate for Microsoft 365 ends",
			"Make a new key and certificate, upload it in the app registration beside the old one, then set"
					+ " portal.exchange.certificate. Without it nothing can be created, checked or relieved.",
			"""
					select a.subject, a.partner_id, a.partner_name, a.sentence, a.page, a.since
					from alarm a where a.cause = 'CREDENTIAL' and a.state <> 'CLOSED' and not exists (
						select from connection_check c, jsonb_array_elements(c.findings::jsonb) f
						where f ->> 'title' = 'Credential' and f ->> 'tone' = 'good' and c.checked_at > a.opened_at)"""),

	/** Both sides should have proven again. */
	OVERDUE("A re-certification is overdue", "Phone the partner's contact, or put it off with a reason.", """
			select id::text, id, name, 'Both sides had to prove again by '
				|| to_char(next_due_at at time zone :zone, 'FMDD Mon YYYY') || '. Owner: ' || owner_name || '.',
				'/partners/' || id, next_due_at
			from partnership where state = 'ACTIVE' and next_due_at < :now"""),

	/** Work of the portal's own that has failed for good. */
	JOBS("Work keeps failing", "See what failed, mend its cause, then start it again.", """
			select task_name, null::uuid, null, count(*) || case count(*) when 1 then ' piece' else ' pieces' end
				|| ' of the work “' || task_name || '” failed ' || min(consecutive_failures) || ' times.', '/jobs',
				min(last_failure)
			from scheduled_tasks where consecutive_failures >= :parked group by task_name""");

	/** Finds all that is wrong now. */
	static final String STATEMENT = Arrays.stream(values())
		.map((cause) -> "select '" + cause + "' as cause, w.* from (" + cause.sql
				+ ") w (subject, partner_id, partner_name, sentence, page, since)")
		.collect(Collectors.joining("\nunion all\n"));

	private final String words;

	private final String remedy;

	private final String sql;

	Cause(String words, String remedy, String sql) {
		this.words = words;
		this.remedy = remedy;
		this.sql = sql;
	}

	/** What has happened, in a few words. */
	public String words() {
		return this.words;
	}

	/** What to do about it. */
	public String remedy() {
		return this.remedy;
	}

}
