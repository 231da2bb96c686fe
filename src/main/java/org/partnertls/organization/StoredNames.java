package org.partnertls.organization;

import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import org.jspecify.annotations.Nullable;

/**
 * How domain names and addresses stand in the database: as text.
 */
final class StoredNames {

	private StoredNames() {
	}

	@Converter(autoApply = true)
	static class OfDomain implements AttributeConverter<DomainName, String> {

		@Override
		public @Nullable String convertToDatabaseColumn(@Nullable DomainName domain) {
			return (domain != null) ? domain.ascii() : null;
		}

		@Override
		public @Nullable DomainName convertToEntityAttribute(@Nullable String stored) {
			return (stored != null) ? new DomainName(stored) : null;
		}

	}

	@Converter(autoApply = true)
	static class OfAddress implements AttributeConverter<EmailAddress, String> {

		@Override
		public @Nullable String convertToDatabaseColumn(@Nullable EmailAddress address) {
			return (address != null) ? address.toString() : null;
		}

		@Override
		public @Nullable EmailAddress convertToEntityAttribute(@Nullable String stored) {
			return (stored != null) ? EmailAddress.of(stored) : null;
		}

	}

}
