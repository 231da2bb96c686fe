package org.partnertls.exchange;

import java.util.Map;

/**
 * One step of {@code Validate-OutboundConnector}.
 *
 * @param name {@code TaskName}, in Exchange Online's words
 * @param successful {@code IsTaskSuccessful}
 * @param details whatever else came with it, as text; the shape is not documented
 */
public record ValidationTask(String name, boolean successful, Map<String, String> details) {

	public ValidationTask {
		details = Map.copyOf(details);
	}

}
