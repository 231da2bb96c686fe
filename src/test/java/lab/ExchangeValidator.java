package lab;

import java.util.List;
import java.util.Map;

/**
 * What {@code Validate-OutboundConnector} does at the partner's servers.
 */
@FunctionalInterface
public interface ExchangeValidator {

	/**
	 * Connects nowhere and is content.
	 */
	ExchangeValidator CONTENT = (recipients, connector) -> List.of(
			new Task("Check connectivity", true, Map.of("Detail", "220 ready")),
			new Task("Send test email", true, Map.of("Detail", "250 accepted")));

	/**
	 * Runs the steps.
	 * @param recipients at least one, each in a domain of the connector
	 * @param connector as it is stored
	 */
	List<Task> validate(List<String> recipients, Map<String, Object> connector);

	/**
	 * One step.
	 */
	record Task(String name, boolean successful, Map<String, String> details) {
	}

}
