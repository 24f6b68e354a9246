-- Who may do what, and what nobody may. Applied as ssp_owner, to whom all of the schema belongs
-- and as whom nobody logs in; the roles themselves are made by roles.sql.

-- Grants stop everyone but the owner and superusers. These triggers stop them too, until one of
-- them takes a trigger away on purpose: which `ssp doctor` sees.
create function ledger.refuse() returns trigger language plpgsql as $$
begin
    raise exception '% of %.% is refused: what is recorded stays as it was recorded',
        lower(tg_op), tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
end $$;

-- Let a table be added to and read, and nothing else. To be called for every new table of the
-- log. A trigger for statements, so that it fires for those that meet no row as well; always,
-- so that it fires in a session that calls itself a replica.
create procedure ledger.append_only(name regclass) language plpgsql as $$
begin
    execute format('create trigger append_only before update or delete or truncate on %s '
                   'for each statement execute function ledger.refuse()', name);
    execute format('alter table %s enable always trigger append_only', name);
    execute format('grant select on %s to ssp_reader', name);
end $$;
revoke all on procedure ledger.append_only from public;

call ledger.append_only('ledger.event');
call ledger.append_only('ledger.command');
call ledger.append_only('ledger.node');

-- The head is the one row that changes, and it only ever grows.
create trigger never_removed before delete or truncate on ledger.head
    for each statement execute function ledger.refuse();
create trigger only_grows before update on ledger.head for each row
    when (new.log_id <> old.log_id or new.name <> old.name
          or new.size < old.size or new.last_recorded_at < old.last_recorded_at
          or (new.size = old.size and new.frontier <> old.frontier))
    execute function ledger.refuse();
alter table ledger.head enable always trigger never_removed, enable always trigger only_grows;

-- The log grows through these functions alone, which act as the owner: a writer that was taken
-- over can add events that say what it likes, but no row that the tree does not cover. The path
-- is set so that nobody's operators or tables are found before PostgreSQL's own.
alter function ledger.append security definer set search_path = pg_catalog, pg_temp;
revoke all on function ledger.append from public;

-- The number of a log, which begins to exist if it did not.
create function ledger.log(p_name text) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    found_id int;
begin
    loop
        select h.log_id into found_id from ledger.head h where h.name = p_name;
        if found_id is not null then
            return found_id;
        end if;
        -- Two may take the same number at once: one of them then looks again.
        insert into ledger.head (log_id, name)
        select max(h.log_id) + 1, p_name from ledger.head h on conflict do nothing;
    end loop;
end $$;
revoke all on function ledger.log from public;

grant usage on schema ledger to ssp_reader;
grant select on ledger.head, ledger.record, ledger.tracking, ledger.snapshot, ledger.migration
    to ssp_reader;

grant execute on function ledger.append, ledger.log to ssp_writer;
-- Beside the log, programs of the eventsourcing library keep what can be made anew.
grant insert, update on ledger.tracking to ssp_writer;
grant insert on ledger.snapshot to ssp_writer;

-- Views belong to the projector, which makes their tables and lets the reader read them.
create schema views;
grant usage on schema views to ssp_reader;
grant usage, create on schema views to ssp_projector;
