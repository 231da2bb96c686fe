package org.partnertls.connector;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.partnertls.exchange.OutboundConnector;
import org.partnertls.organization.EmailAddress;

/**
 * Decides what a step has to do by looking at the tenant as it is now: whoever asks again
 * after a crash or a lost answer, gets the right answer for what really happened. Pure.
 */
final class Push {

	private final Plan plan;

	private final ConnectorChange change;

	private final Tenant tenant;

	/**
	 * Whether a connector looks like this because of the step that a change is at: its
	 * write may have had its effect, and has not been read back yet.
	 * @param seen null: it is not there
	 */
	static boolean explains(ConnectorChange change, Direction direction, @Nullable Form seen) {
		Plan.Action action = change.plan().of(direction);
		Optional<PushStep> step = change.at(direction);
		if (step.isEmpty() || !action.isWork() || (step.get().kind().isWrite() && !step.get().isTried())) {
			return false;
		}
		Push push = new Push(change, Tenant.EMPTY);
		Form expected = switch (step.get().kind()) {
			case OUTBOUND_WRITE, INBOUND_WRITE, OUTBOUND_READ_BACK, INBOUND_READ_BACK -> push.firstForm(action);
			case OUTBOUND_ENABLE, OUTBOUND_ENABLED_READ_BACK, INBOUND_ENFORCE, INBOUND_ENFORCED_READ_BACK ->
				action.target();
			case OUTBOUND_UNDO -> Objects.requireNonNull(action.before());
			case COMPARE, OUTBOUND_VALIDATE, INBOUND_PROOF -> null;
		};
		if (expected == null) {
			return seen == null && action.kind() == Plan.Action.Kind.REMOVE;
		}
		return seen != null && expected.differences(seen).isEmpty();
	}

	Push(ConnectorChange change, Tenant tenant) {
		this.plan = change.plan();
		this.change = change;
		this.tenant = tenant;
	}

	/**
	 * What to do for a step.
	 * @param step one that has a direction
	 */
	Decision decide(StepKind step) {
		Decision decision = judge(step);
		if (step == StepKind.OUTBOUND_UNDO || !(decision instanceof Decision.Write write)
				|| write.command().verb().equals("Remove")) {
			return decision;
		}
		// What was stored is checked like what was typed: nothing else may be sent.
		List<String> objections = this.plan.objections();
		return objections.isEmpty() ? decision : new Decision.Conflict(String.join(" ", objections));
	}

	private Decision judge(StepKind step) {
		Direction direction = Objects.requireNonNull(step.direction());
		Plan.Action action = this.plan.of(direction);
		return switch (step) {
			case OUTBOUND_WRITE, INBOUND_WRITE -> write(action);
			case OUTBOUND_READ_BACK, INBOUND_READ_BACK -> readBack(action, firstForm(action));
			case OUTBOUND_ENABLE -> enable(action);
			case OUTBOUND_ENABLED_READ_BACK, INBOUND_ENFORCED_READ_BACK -> readBack(action, action.target());
			case OUTBOUND_UNDO -> set(action, firstForm(action), Objects.requireNonNull(action.before()));
			case INBOUND_ENFORCE -> set(action, action.isRejecting() ? Objects.requireNonNull(action.before())
					: Objects.requireNonNull(firstForm(action)), action.target());
			case COMPARE, OUTBOUND_VALIDATE, INBOUND_PROOF ->
				throw new IllegalArgumentException(step + " is not decided here");
		};
	}

	/**
	 * What a connector is first brought to; null: it is taken away.
	 */
	private @Nullable Form firstForm(Plan.Action action) {
		Form target = action.after();
		if (target == null || this.plan.kind().isAsItIs()) {
			return target;
		}
		boolean staged = (action.direction() == Direction.OUTBOUND)
				? this.change.find(StepKind.OUTBOUND_VALIDATE).isPresent() : this.plan.kind() == ChangeKind.ENFORCE;
		if (!staged) {
			return target;
		}
		return switch (action.direction()) {
			// One that carries mail goes on carrying it: off would mean clear text.
			case OUTBOUND -> target.with(Form.ENABLED, action.before() != null && action.before().is(Form.ENABLED));
			case INBOUND -> target.watching();
		};
	}

	private Decision write(Plan.Action action) {
		Form wanted = firstForm(action);
		if (wanted == null) {
			return seen(action)
				.<Decision>map((seen) -> new Decision.Write(
						new Command("Remove", action.direction(), seen.guid(), Map.of(), new TreeSet<>())))
				.orElseGet(() -> new Decision.AlreadySo(null));
		}
		if (action.kind() == Plan.Action.Kind.CREATE) {
			return create(action, wanted);
		}
		return set(action, Objects.requireNonNull(action.before()), wanted);
	}

	private Decision create(Plan.Action action, Form wanted) {
		Optional<Tenant.Seen> seen = seen(action);
		if (seen.isEmpty()) {
			return (this.change.guid(action.direction()) != null)
					? new Decision.NotYet("It was made, but cannot be seen yet.")
					: new Decision.Write(new Command("New", action.direction(), null,
							wanted.forCreation(action.direction(), action.name()), new TreeSet<>()));
		}
		SortedSet<String> differences = wanted.differences(seen.get().form());
		if (differences.isEmpty()) {
			return new Decision.AlreadySo(seen.get().guid());
		}
		return new Decision.Conflict("A connector named \"" + seen.get().name() + "\" exists with other settings ("
				+ String.join(", ", differences)
				+ "). Rename or remove it in the Exchange admin centre, then compute the plan again.");
	}

	/**
	 * Changes what is not as wanted, if everything else is as we know it.
	 */
	private Decision set(Plan.Action action, @Nullable Form base, Form wanted) {
		Optional<Tenant.Seen> seen = seen(action);
		if (seen.isEmpty()) {
			return new Decision.NotYet("The connector cannot be seen in the tenant.");
		}
		Form current = seen.get().form();
		SortedSet<String> differences = wanted.differences(current);
		if (differences.isEmpty()) {
			return new Decision.AlreadySo(seen.get().guid());
		}
		SortedSet<String> foreign = new TreeSet<>();
		for (String parameter : differences) {
			if (base == null || !Objects.equals(base.get(parameter), current.get(parameter))) {
				foreign.add(parameter);
			}
		}
		if (!foreign.isEmpty()) {
			return new Decision.Conflict("Somebody has changed \"" + seen.get().name() + "\" in the tenant ("
					+ String.join(", ", foreign) + ") since this was approved. Compute the plan again.");
		}
		return new Decision.Write(
				new Command("Set", action.direction(), seen.get().guid(), wanted.only(differences), differences));
	}

	private Decision readBack(Plan.Action action, @Nullable Form wanted) {
		Optional<Tenant.Seen> seen = seen(action);
		if (wanted == null) {
			return seen.isEmpty() ? new Decision.AlreadySo(null)
					: new Decision.NotYet("The connector can still be seen in the tenant.");
		}
		if (seen.isEmpty()) {
			return new Decision.NotYet("The connector cannot be seen in the tenant yet.");
		}
		SortedSet<String> differences = wanted.differences(seen.get().form());
		return differences.isEmpty() ? new Decision.AlreadySo(seen.get().guid()) : new Decision.NotYet(
				"The tenant does not show the new settings yet (" + String.join(", ", differences) + ").");
	}

	/**
	 * Records the validation and switches the connector on, in one call: nothing carries
	 * mail that is not known to have been tried.
	 */
	private Decision enable(Plan.Action action) {
		Decision decision = set(action, firstForm(action), action.target());
		if (decision instanceof Decision.NotYet || decision instanceof Decision.Conflict) {
			return decision;
		}
		Tenant.Seen seen = seen(action).orElseThrow();
		Map<String, @Nullable Object> values = new TreeMap<>(recorded(Objects.requireNonNull(seen.outbound())));
		if (decision instanceof Decision.Write write) {
			values.putAll(write.command().parameters());
		}
		return values.isEmpty() ? decision : new Decision.Write(
				new Command("Set", action.direction(), seen.guid(), values, new TreeSet<>(values.keySet())));
	}

	/** What the tenant does not know of the validation yet. */
	private Map<String, @Nullable Object> recorded(OutboundConnector stored) {
		List<String> recipients = this.plan.wanted()
			.validationRecipients()
			.stream()
			.map(EmailAddress::toString)
			.toList();
		if (Boolean.TRUE.equals(stored.isValidated()) && stored.lastValidation() != null
				&& stored.lastValidation().equals(this.change.validatedAt())
				&& lower(recipients).equals(lower(stored.validationRecipients()))) {
			return Map.of();
		}
		return Map.of("IsValidated", true, "LastValidationTimestamp", Objects.requireNonNull(this.change.validatedAt()),
				"ValidationRecipients", recipients);
	}

	/** Neither order nor case counts. */
	private static Set<String> lower(List<String> addresses) {
		return addresses.stream().map((address) -> address.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
	}

	private Optional<Tenant.Seen> seen(Plan.Action action) {
		String guid = this.change.guid(action.direction());
		return (guid != null) ? this.tenant.byGuid(action.direction(), guid)
				: this.tenant.byName(action.direction(), action.name());
	}

	/**
	 * A cmdlet to run.
	 *
	 * @param verb New, Set or Remove
	 * @param guid of the connector; null: it is new
	 * @param parameters apart from the identity
	 * @param changed the parameters whose values change
	 */
	record Command(String verb, Direction direction, @Nullable String guid, Map<String, @Nullable Object> parameters,
			SortedSet<String> changed) {

		String cmdlet() {
			return this.verb + "-" + this.direction.noun();
		}

	}

	/** What to do. */
	sealed interface Decision {

		/**
		 * Nothing: the tenant is as it shall be.
		 *
		 * @param guid of the connector; null: there is none, as it shall be
		 */
		record AlreadySo(@Nullable String guid) implements Decision {
		}

		/** This cmdlet. */
		record Write(Command command) implements Decision {
		}

		/** Look again later. */
		record NotYet(String words) implements Decision {
		}

		/** A person has to decide. */
		record Conflict(String words) implements Decision {
		}

	}

}
