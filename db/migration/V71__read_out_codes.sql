alter table one_time_code
  drop constraint one_time_code_purpose,
  add constraint one_time_code_purpose check (purpose in ('SIGN_IN', 'REQUEST', 'TAKE_OVER')),
  add column window_number text not null default '',
  add column read_out_at timestamptz;
comment on column one_time_code.window_number is 'Stands on the page of the browser that asked; whoever is phoned reads it out, so that a code read out to them goes to their browser and no other.';
comment on column one_time_code.read_out_at is 'When one of us read a code out on the phone; no mail makes another one then.';
