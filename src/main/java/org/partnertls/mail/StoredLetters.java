package org.partnertls.mail;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.springframework.data.domain.Limit;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Slice;
import org.springframework.data.repository.Repository;

interface StoredLetters extends Repository<StoredLetter, UUID> {

	StoredLetter save(StoredLetter letter);

	Optional<StoredLetter> findById(UUID id);

	List<StoredLetter> findByPartnerId(UUID partnerId);

	boolean existsByPartnerIdAndTemplate(UUID partnerId, String template);

	List<StoredLetter> findByPartnerIdOrderByCreatedAtDesc(UUID partnerId, Limit most);

	Slice<StoredLetter> findByPartnerIdOrderByCreatedAtDescIdDesc(UUID partnerId, Pageable page);

}
