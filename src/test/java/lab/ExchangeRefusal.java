package lab;

/**
 * A cmdlet's exception.
 */
final class ExchangeRefusal extends RuntimeException {

	private static final String TASKS = "Microsoft.Exchange.Management.SystemConfigurationTasks.";

	private final int status;

	private final String type;

	private ExchangeRefusal(int status, String type, String text) {
		super(text);
		this.status = status;
		this.type = type;
	}

	int status() {
		return this.status;
	}

	String type() {
		return this.type;
	}

	static ExchangeRefusal parameters(String text) {
		return new ExchangeRefusal(400, "Microsoft.Exchange.AdminApi.CommandInvocation.AmbiguousParameterSetException",
				text);
	}

	static ExchangeRefusal value(String parameter, Object value, String text) {
		return new ExchangeRefusal(400,
				"Microsoft.Exchange.AdminApi.CommandInvocation.ParameterTransformationException",
				"Cannot process argument transformation on parameter '" + parameter + "'. Cannot convert value \""
						+ value + "\". " + text);
	}

	static ExchangeRefusal rule(String type, String text) {
		return new ExchangeRefusal(400, TASKS + type, text);
	}

	static ExchangeRefusal exists(int status, String direction, String name) {
		return new ExchangeRefusal(status, TASKS + "Error" + direction + "ConnectorAlreadyExistsException",
				"The connector name \"" + name + "\" is already being used. Specify another name.");
	}

	static ExchangeRefusal throttled() {
		return new ExchangeRefusal(429, "Microsoft.Exchange.ServerBusyException",
				"The number of queries in the last five minutes exceeded the limit.");
	}

	static ExchangeRefusal notFound(String identity) {
		return new ExchangeRefusal(404, "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException",
				"The operation couldn't be performed because object '" + identity
						+ "' couldn't be found on 'AM0PR01A001DC01.EURPR01A001.prod.outlook.com'.");
	}

}
