create table digest (
  day       date        not null,
  at        timestamptz not null,
  things    int         not null,
  constraint digest_pk primary key (day)
);
comment on table digest is 'The days, in the organisation''s zone, on which it was looked whether the administrators have something to do, and how many kinds of things that were; none: no letter. Append-only.';
grant select, insert on digest to portal_app;
