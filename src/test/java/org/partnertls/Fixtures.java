package org.partnertls;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.UUID;

import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Fresh names for tests that share a database, and looks into the history.
 */
public final class Fixtures {

	private static final SecureRandom RANDOM = new SecureRandom();

	private final ApplicationContext context;

	Fixtures(ApplicationContext context) {
		this.context = context;
	}

	/** A domain that no other test has. */
	public static String freshDomain() {
		byte[] random = new byte[6];
		RANDOM.nextBytes(random);
		return "p" + HexFormat.of().formatHex(random) + ".example";
	}

	/** How often a subject was refused under a code. */
	public int refusals(String code, String subject) {
		return this.context.getBean(JdbcClient.class)
			.sql("select count(*) from audit_event where code = ? and outcome = 'refused' and subject_id = ?")
			.params(code, subject)
			.query(Integer.class)
			.single();
	}

	/** How many events of a code there are about a partner or a subject. */
	public int events(String code, UUID partnerOrSubject) {
		return this.context.getBean(JdbcClient.class)
			.sql("select count(*) from audit_event where code = ? and (partner_id = ? or subject_id = ?)")
			.params(code, partnerOrSubject, partnerOrSubject.toString())
			.query(Integer.class)
			.single();
	}

}
