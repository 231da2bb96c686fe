package org.partnertls.request;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.persistence.LockModeType;

import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface SentInvitations extends Repository<SentInvitation, UUID> {

	SentInvitation save(SentInvitation invitation);

	void flush();

	Optional<SentInvitation> findById(UUID id);

	/** For a change: others wait until this transaction has ended. */
	@Lock(LockModeType.PESSIMISTIC_WRITE)
	@Query("from SentInvitation where id = :id")
	Optional<SentInvitation> findForChange(UUID id);

	@Lock(LockModeType.PESSIMISTIC_WRITE)
	@Query("from SentInvitation where addressKey = :addressKey and partnerId = :partnerId and state = PENDING")
	Optional<SentInvitation> findPending(String addressKey, UUID partnerId);

	@Lock(LockModeType.PESSIMISTIC_WRITE)
	@Query("from SentInvitation where partnerId = :partnerId and state = PENDING order by id")
	List<SentInvitation> findPendingOf(UUID partnerId);

	@Query("from SentInvitation where partnerId = :partnerId order by sentAt desc, id desc")
	List<SentInvitation> findAllOf(UUID partnerId);

	@Query("select id from SentInvitation where state = PENDING and expiresAt <= :now order by expiresAt, id limit 500")
	List<UUID> findOver(Instant now);

	@Query(nativeQuery = true, value = """
			select i.* from invitation i join partnership p on p.id = i.partner_id
			where (:state = '' or i.state = :state)
				and (lower(i.name) like :words or i.address_key like :words or lower(p.name) like :words
					or lower(p.reference) like :words)
			order by i.sent_at desc, i.id desc
			limit :limit offset :offset""")
	List<SentInvitation> search(String words, String state, int limit, long offset);

	@Query(nativeQuery = true, value = "select state as state, count(*) as count from invitation group by state")
	List<Count> countByState();

	/** How many invitations are in a state. */
	interface Count {

		String getState();

		long getCount();

	}

}
