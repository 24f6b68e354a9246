-- The keys of persons: in the ledger's database, or in one of their own whose backups are kept
-- for days and not for decades. Without a row's secret, what was sealed with it is noise.

create table keys.subject_key (
    subject     text collate "C" primary key,
    -- The data key, wrapped with a key-encryption key that no database holds; null once the
    -- person was erased. The row stays, so that no second key is ever made.
    wrapped     bytea,
    kek_id      text,
    commitment  text,
    created_at  timestamptz not null default clock_timestamp(),
    erased_at   timestamptz,
    -- Where the log says so.
    erased_position bigint,
    check (octet_length(wrapped) = 60),
    check ((wrapped is null) = (erased_at is not null)),
    check ((wrapped is null) = (erased_position is not null)),
    check ((wrapped is null) or (kek_id is not null and commitment is not null))
);

-- An update leaves the old row's bytes in its page. Writing the table anew, once the update is
-- committed, leaves them behind; a function, since only the owner may.
create function keys.write_anew() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    cluster keys.subject_key using subject_key_pkey;
end $$;
revoke all on function keys.write_anew from public;

-- Closed to whoever only reads or projects: they handle sealed text alone.
grant usage on schema keys to ssp_reader;
grant select on keys.migration to ssp_reader;
grant select, insert, update on keys.subject_key to ssp_writer;
grant execute on function keys.write_anew to ssp_writer;
