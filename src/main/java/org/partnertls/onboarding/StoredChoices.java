package org.partnertls.onboarding;

import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Keeps choices as JSON.
 */
@Converter
class StoredChoices implements AttributeConverter<Choices, String> {

	@Override
	public @Nullable String convertToDatabaseColumn(Choices choices) {
		return Choices.USUAL.equals(choices) ? null : JsonMapper.shared().writeValueAsString(choices);
	}

	@Override
	public Choices convertToEntityAttribute(@Nullable String stored) {
		return (stored != null) ? JsonMapper.shared().readValue(stored, Choices.class) : Choices.USUAL;
	}

}
