-- The roles that the programme acts as. They belong to the whole cluster, not to one database,
-- so this is no numbered migration: it is run whenever the schema is, and by an administrator
-- where whoever migrates may not make roles. Where all is as it should be, it changes nothing
-- and needs no right.
do $$
declare
    role text;
    made boolean := false;
    pair text[];
begin
    foreach role in array array['ssp_reader', 'ssp_writer', 'ssp_projector', 'ssp_owner', 'ssp_migrator'] loop
        if to_regrole(role) is null then
            begin
                -- Inheriting from the owner would let a migrator drop a table by a slip.
                execute format('create role %I nologin %s', role,
                               case when role in ('ssp_owner', 'ssp_migrator') then 'noinherit' else 'inherit' end);
                made := true;
            exception when duplicate_object or unique_violation then
                null; -- another database of this cluster was migrated at the same moment
            end;
        end if;
    end loop;

    foreach pair slice 1 in array array[
        ['ssp_reader', 'ssp_writer'], ['ssp_reader', 'ssp_projector'],
        ['ssp_owner', 'ssp_migrator'], ['ssp_projector', 'ssp_migrator']
    ] loop
        if not pg_has_role(pair[2], pair[1], 'member') then
            begin
                execute format('grant %I to %I', pair[1], pair[2]);
            exception when unique_violation then
                null; -- as above
            end;
        end if;
    end loop;

    -- Whoever makes them without being a superuser is the one who will use them.
    if made and not (select rolsuper from pg_roles where rolname = current_user) then
        execute format('grant ssp_migrator, ssp_writer to %I', current_user);
    end if;

    if not has_database_privilege('ssp_owner', current_database(), 'create') then
        execute format('grant create on database %I to ssp_owner', current_database());
    end if;
end $$;
