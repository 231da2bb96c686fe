package org.partnertls.onboarding;

import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Keeps answers as JSON.
 */
@Converter
class StoredAnswers implements AttributeConverter<Answers, String> {

	@Override
	public String convertToDatabaseColumn(Answers answers) {
		return JsonMapper.shared().writeValueAsString(answers);
	}

	@Override
	public Answers convertToEntityAttribute(String stored) {
		return JsonMapper.shared().readValue(stored, Answers.class);
	}

}
