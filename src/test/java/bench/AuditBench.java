package bench;

import org.junit.jupiter.api.Test;
import org.partnertls.audit.AuditMeasures;

/**
 * How fast the history is written, sealed and verified, against PostgreSQL alone in the
 * same run: {@code ./mvnw -Pbench -Dbench=audit test}, with {@code -Dbench.rows=10000000}
 * for more than a million events. The data set stays in {@code .bench/}.
 */
class AuditBench {

	@Test
	void audit() throws Exception {
		try (AuditMeasures measures = new AuditMeasures()) {
			if (System.getProperty("bench.only", "append").equals("append")) {
				measures.append();
			}
			measures.verify();
			measures.search();
		}
	}

}
