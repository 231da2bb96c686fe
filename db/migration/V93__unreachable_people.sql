-- The few whom mail does not reach, and who left, among the many who are there.
create index contact_returned on contact (partnership_id) where returned_at is not null and left_at is null;
create index contact_technical_left on contact (partnership_id) where role = 'TECHNICAL' and left_at is not null;
