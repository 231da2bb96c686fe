package lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The connectors of a tenant and the cmdlets on them.
 */
final class ExchangeTenant {

	private static final JsonMapper MAPPER = JsonMapper.shared();

	private static final DateTimeFormatter UTC = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSS'Z'")
		.withZone(ZoneOffset.UTC);

	private static final int USUAL_RESULT_SIZE = 1000;

	private final Clock clock;

	private final Path file;

	private final Map<String, Map<String, Object>> outbound = new LinkedHashMap<>();

	private final Map<String, Map<String, Object>> inbound = new LinkedHashMap<>();

	private final ExchangeOrganization organization;

	private final Map<String, Integer> invisible = new HashMap<>();

	private final Set<String> usedByRules = new HashSet<>();

	private ExchangeValidator validator;

	private int duplicateStatus = 400;

	private int invisibleReads;

	private boolean everythingForUnknown;

	private boolean silentNew;

	/**
	 * Opens one.
	 * @param file where it is kept between starts; null: nowhere
	 */
	ExchangeTenant(Clock clock, Path file, ExchangeValidator validator) {
		this.clock = clock;
		this.file = file;
		this.validator = validator;
		this.organization = new ExchangeOrganization(clock);
		load();
	}

	ExchangeOrganization organization() {
		return this.organization;
	}

	record Result(List<Map<String, Object>> value, List<String> warnings) {

		static Result nothing() {
			return new Result(List.of(), List.of());
		}

	}

	Result run(String cmdlet, Map<String, Object> parameters) {
		if (ExchangeOrganization.CMDLETS.contains(cmdlet)) {
			return this.organization.run(cmdlet, parameters, outbound());
		}
		return cmdlet.equals("Validate-OutboundConnector") ? validate(parameters) : runAlone(cmdlet, parameters);
	}

	private synchronized Result runAlone(String cmdlet, Map<String, Object> parameters) {
		boolean isOutbound = cmdlet.endsWith("-OutboundConnector");
		Map<String, Map<String, Object>> objects = isOutbound ? this.outbound : this.inbound;
		Result result = switch (cmdlet.substring(0, cmdlet.indexOf('-'))) {
			case "Get" -> get(cmdlet, objects, ExchangeSchema.bind(cmdlet, parameters, Map.of()));
			case "New" -> create(objects, ExchangeSchema.bind(cmdlet, parameters, Map.of()), isOutbound);
			case "Set" -> change(cmdlet, objects, parameters, isOutbound);
			case "Remove" -> remove(objects, ExchangeSchema.bind(cmdlet, parameters, Map.of()));
			default -> throw new IllegalStateException(cmdlet);
		};
		if (!cmdlet.startsWith("Get-")) {
			save();
		}
		return result;
	}

	private Result get(String cmdlet, Map<String, Map<String, Object>> objects, Map<String, Object> parameters) {
		List<Map<String, Object>> visible = visible(objects);
		Object identity = parameters.get("Identity");
		if (identity != null) {
			List<Map<String, Object>> named = visible.stream().filter((object) -> isNamed(object, identity)).toList();
			if (!named.isEmpty()) {
				return new Result(named, List.of());
			}
			if (!this.everythingForUnknown) {
				throw ExchangeRefusal.notFound(String.valueOf(identity));
			}
		}
		if (cmdlet.equals("Get-OutboundConnector")) {
			boolean scoped = ExchangeRules.is(parameters, "IsTransportRuleScoped");
			boolean testMode = ExchangeRules.is(parameters, "IncludeTestModeConnectors");
			visible = visible.stream()
				.filter((object) -> ExchangeRules.is(object, "IsTransportRuleScoped") == scoped)
				.filter((object) -> testMode || !ExchangeRules.is(object, "TestMode"))
				.toList();
		}
		return limited(visible, parameters.get("ResultSize"));
	}

	private static Result limited(List<Map<String, Object>> objects, Object resultSize) {
		int limit = USUAL_RESULT_SIZE;
		if (resultSize != null) {
			limit = resultSize.equals("Unlimited") ? Integer.MAX_VALUE : Integer.parseInt(resultSize.toString());
		}
		return (objects.size() <= limit) ? new Result(objects, List.of())
				: new Result(objects.subList(0, limit), List
					.of("There are more results available than are currently displayed. To view them, increase the"
							+ " value for the ResultSize parameter."));
	}

	private List<Map<String, Object>> visible(Map<String, Map<String, Object>> objects) {
		List<Map<String, Object>> visible = new ArrayList<>();
		objects.forEach((guid, object) -> {
			int reads = this.invisible.getOrDefault(guid, 0);
			if (reads > 0) {
				this.invisible.put(guid, reads - 1);
			}
			else {
				visible.add(new LinkedHashMap<>(object));
			}
		});
		return visible;
	}

	private Result create(Map<String, Map<String, Object>> objects, Map<String, Object> given, boolean isOutbound) {
		if (given.get("Name") == null) {
			throw ExchangeRefusal
				.parameters("Cannot process command because of one or more missing mandatory parameters: Name.");
		}
		if (!isOutbound && given.get("SenderDomains") == null) {
			throw ExchangeRefusal.parameters(
					"Cannot process command because of one or more missing mandatory parameters: SenderDomains.");
		}
		String guid = UUID.randomUUID().toString();
		Map<String, Object> object = isOutbound ? newOutbound() : newInbound();
		object.putAll(given);
		object.put("Guid", guid);
		object.put("WhenCreatedUTC", now());
		List<String> warnings = settle(objects, guid, object, isOutbound);
		objects.put(guid, object);
		this.invisible.put(guid, this.invisibleReads);
		return new Result(this.silentNew ? List.of() : List.of(new LinkedHashMap<>(object)), warnings);
	}

	private Result change(String cmdlet, Map<String, Map<String, Object>> objects, Map<String, Object> parameters,
			boolean isOutbound) {
		Map<String, Object> stored = find(objects, parameters.get("Identity"));
		Map<String, Object> given = ExchangeSchema.bind(cmdlet, parameters, stored);
		given.remove("Identity");
		String guid = String.valueOf(stored.get("Guid"));
		if (this.usedByRules.contains(guid)
				&& (given.containsKey("Name") || Boolean.FALSE.equals(given.get("Enabled")))) {
			throw stillReferenced(stored);
		}
		Map<String, Object> object = new LinkedHashMap<>(stored);
		object.putAll(given);
		if (Boolean.TRUE.equals(given.get("UseMXRecord"))) {
			object.put("SmartHosts", List.of());
		}
		List<String> warnings = settle(objects, guid, object, isOutbound);
		objects.put(guid, object);
		return new Result(List.of(), warnings);
	}

	private Result remove(Map<String, Map<String, Object>> objects, Map<String, Object> parameters) {
		Map<String, Object> stored = find(objects, parameters.get("Identity"));
		if (!Boolean.FALSE.equals(parameters.get("Confirm"))) {
			throw ExchangeRefusal.rule("ConfirmationRequiredException",
					"The cmdlet asks for a confirmation that cannot be given here. Use Confirm:$false.");
		}
		if (this.usedByRules.contains(String.valueOf(stored.get("Guid")))) {
			throw stillReferenced(stored);
		}
		objects.remove(String.valueOf(stored.get("Guid")));
		return Result.nothing();
	}

	private static ExchangeRefusal stillReferenced(Map<String, Object> stored) {
		return ExchangeRefusal.rule("ConnectorIncorrectUsageConnectorStillReferencedException",
				"The connector \"" + stored.get("Name") + "\" is still used by a mail flow rule.");
	}

	private Result validate(Map<String, Object> parameters) {
		Map<String, Object> bound;
		Map<String, Object> connector;
		ExchangeValidator asked;
		synchronized (this) {
			bound = ExchangeSchema.bind("Validate-OutboundConnector", parameters, Map.of());
			connector = new LinkedHashMap<>(find(this.outbound, bound.get("Identity")));
			asked = this.validator;
		}
		List<String> recipients = ExchangeRules.list(bound, "Recipients");
		if (recipients.isEmpty()) {
			throw ExchangeRefusal
				.parameters("Cannot process command because of one or more missing mandatory parameters: Recipients.");
		}
		for (String recipient : recipients) {
			if (!covers(ExchangeRules.list(connector, "RecipientDomains"), recipient)) {
				throw ExchangeRefusal.rule("ConnectorValidationRecipientException",
						"The recipient " + recipient + " isn't in a domain of the connector.");
			}
		}
		List<Map<String, Object>> tasks = asked.validate(recipients, connector).stream().map((task) -> {
			Map<String, Object> object = new LinkedHashMap<>(task.details());
			object.put("TaskName", task.name());
			object.put("IsTaskSuccessful", task.successful());
			return object;
		}).toList();
		return new Result(tasks, List.of());
	}

	private static boolean covers(List<String> domains, String recipient) {
		String domain = recipient.substring(recipient.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
		return domains.stream()
			.map((pattern) -> pattern.toLowerCase(Locale.ROOT))
			.anyMatch((pattern) -> pattern.equals("*") || pattern.equals(domain)
					|| (pattern.startsWith("*.") && domain.endsWith(pattern.substring(1))));
	}

	/**
	 * Brings an object into its stored form and checks it.
	 */
	private List<String> settle(Map<String, Map<String, Object>> objects, String guid, Map<String, Object> object,
			boolean isOutbound) {
		String name = String.valueOf(object.get("Name"));
		boolean taken = objects.values()
			.stream()
			.anyMatch((other) -> name.equalsIgnoreCase(String.valueOf(other.get("Name")))
					&& !guid.equals(other.get("Guid")));
		if (taken) {
			throw ExchangeRefusal.exists(this.duplicateStatus, isOutbound ? "Outbound" : "Inbound", name);
		}
		object.put("Identity", name);
		object.put("WhenChangedUTC", now());
		if (isOutbound) {
			ExchangeRules.checkOutbound(object);
			return List.of();
		}
		object.put("SenderDomains", ExchangeRules.list(object, "SenderDomains").stream().map((domain) -> {
			String plain = domain.replaceFirst("(?i)^smtp:", "").replaceFirst(";\\d+$", "");
			ExchangeRules.checkDomain("SenderDomains", plain);
			return "smtp:" + plain + ";1";
		}).distinct().toList());
		ExchangeRules.checkInbound(object);
		return overlaps(objects, guid, object);
	}

	private static List<String> overlaps(Map<String, Map<String, Object>> objects, String guid,
			Map<String, Object> object) {
		List<String> warnings = new ArrayList<>();
		objects.values()
			.stream()
			.filter((other) -> !guid.equals(other.get("Guid")) && ExchangeRules.is(other, "Enabled"))
			.filter((other) -> !Collections.disjoint(ExchangeRules.list(other, "SenderIPAddresses"),
					ExchangeRules.list(object, "SenderIPAddresses")))
			.forEach((other) -> warnings
				.add("The connector \"" + other.get("Name") + "\" has some of the same sender IP addresses."));
		return warnings;
	}

	private Map<String, Object> find(Map<String, Map<String, Object>> objects, Object identity) {
		return objects.values()
			.stream()
			.filter((object) -> isNamed(object, identity))
			.findFirst()
			.orElseThrow(() -> ExchangeRefusal.notFound(String.valueOf(identity)));
	}

	private static boolean isNamed(Map<String, Object> object, Object identity) {
		String text = String.valueOf(identity);
		return text.equalsIgnoreCase(String.valueOf(object.get("Guid")))
				|| text.equalsIgnoreCase(String.valueOf(object.get("Name")));
	}

	private static Map<String, Object> newOutbound() {
		Map<String, Object> object = shared();
		object.put("RecipientDomains", List.of());
		object.put("SmartHosts", List.of());
		object.put("UseMXRecord", true);
		object.put("TlsSettings", null);
		object.put("TlsDomain", null);
		object.put("SmtpDaneMode", "Opportunistic");
		object.put("MtaStsMode", "Opportunistic");
		object.put("IsTransportRuleScoped", false);
		object.put("AllAcceptedDomains", false);
		object.put("RouteAllMessagesViaOnPremises", false);
		object.put("SenderRewritingEnabled", false);
		object.put("TestMode", false);
		object.put("ValidationRecipients", List.of());
		object.put("IsValidated", false);
		object.put("LastValidationTimestamp", null);
		return object;
	}

	private static Map<String, Object> newInbound() {
		Map<String, Object> object = shared();
		object.put("SenderDomains", List.of());
		object.put("SenderIPAddresses", List.of());
		object.put("RequireTls", true);
		object.put("RestrictDomainsToCertificate", false);
		object.put("RestrictDomainsToIPAddresses", false);
		object.put("TlsSenderCertificateName", null);
		object.put("AssociatedAcceptedDomains", List.of());
		object.put("TrustedOrganizations", List.of());
		object.put("TreatMessagesAsInternal", false);
		object.put("ScanAndDropRecipients", List.of());
		object.put("EFSkipLastIP", false);
		object.put("EFSkipIPs", List.of());
		object.put("EFUsers", List.of());
		return object;
	}

	private static Map<String, Object> shared() {
		Map<String, Object> object = new LinkedHashMap<>();
		object.put("Name", null);
		object.put("Enabled", true);
		object.put("ConnectorType", "Partner");
		object.put("ConnectorSource", "Default");
		object.put("Comment", null);
		object.put("CloudServicesMailEnabled", false);
		object.put("AdminDisplayName", "");
		object.put("IsValid", true);
		return object;
	}

	private String now() {
		return UTC.format(this.clock.instant());
	}

	synchronized List<Map<String, Object>> outbound() {
		return copies(this.outbound);
	}

	synchronized List<Map<String, Object>> inbound() {
		return copies(this.inbound);
	}

	private static List<Map<String, Object>> copies(Map<String, Map<String, Object>> objects) {
		List<Map<String, Object>> copies = new ArrayList<>();
		objects.values().forEach((object) -> copies.add(new LinkedHashMap<>(object)));
		return copies;
	}

	synchronized void behave(int duplicateStatus, int invisibleReads, boolean everythingForUnknown, boolean silentNew) {
		this.duplicateStatus = duplicateStatus;
		this.invisibleReads = invisibleReads;
		this.everythingForUnknown = everythingForUnknown;
		this.silentNew = silentNew;
	}

	synchronized void validator(ExchangeValidator validator) {
		this.validator = validator;
	}

	synchronized void useInRule(String guid) {
		this.usedByRules.add(guid);
	}

	private void load() {
		if (this.file == null || !Files.exists(this.file)) {
			return;
		}
		Map<String, List<Map<String, Object>>> kept = MAPPER.readValue(this.file, new TypeReference<>() {
		});
		kept.get("outbound").forEach((object) -> this.outbound.put(String.valueOf(object.get("Guid")), object));
		kept.get("inbound").forEach((object) -> this.inbound.put(String.valueOf(object.get("Guid")), object));
	}

	private void save() {
		if (this.file == null) {
			return;
		}
		try {
			Path directory = this.file.toAbsolutePath().getParent();
			Files.createDirectories(directory);
			Path written = Files.createTempFile(directory, this.file.getFileName().toString(), ".new");
			Files.write(written, MAPPER.writerWithDefaultPrettyPrinter()
				.writeValueAsBytes(Map.of("outbound", copies(this.outbound), "inbound", copies(this.inbound))));
			Files.move(written, this.file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
