-- The log: dense positions, a Merkle tree over the records, one row lock per log.

create schema if not exists ledger;

create table ledger.head (
    log_id           int primary key,
    name             text not null unique,
    size             bigint not null default 0,
    -- Roots of the perfect subtrees of the log's size, largest first.
    frontier         bytea[] not null default '{}',
    last_recorded_at timestamptz not null default '-infinity'
);

-- No foreign key to the head, here and below: whoever appends holds its row locked, and asking
-- again for every row would cost a fifth of a batch.
create table ledger.event (
    log_id      int not null,
    position    bigint not null,
    stream      text collate "C" not null,
    version     int not null,
    type        text not null,
    recorded_at timestamptz not null,
    record      bytea not null,
    leaf        bytea not null,
    primary key (log_id, position),
    -- The position rides along, so that "did anything under this prefix grow?" reads
    -- the index alone.
    constraint event_version unique (log_id, stream, version) include (position)
);
-- Records are JSON of a few hundred bytes, read whole: compressing them costs more than
-- it saves, large rankings excepted, which are stored out of line all the same.
alter table ledger.event alter column record set storage external;
alter table ledger.event alter column leaf set storage plain;

-- What was answered to which command, so that asking again gives the same answer.
create table ledger.command (
    log_id         int not null,
    key            text collate "C" not null,
    digest         bytea not null,
    first_position bigint not null,
    event_count    int not null,
    primary key (log_id, key)
);

-- Roots of full tiles: of perfect subtrees of 256, 65,536, … leaves, the height a multiple of 8.
-- With the leaves, which stand in ledger.event, a proof reads a few ranges of rows at any size.
create table ledger.node (
    log_id int not null references ledger.head,
    height int not null,
    index  bigint not null,
    hash   bytea not null,
    primary key (log_id, height, index)
);

create view ledger.record as
    select log_id, position, stream, version, type, recorded_at,
           convert_from(record, 'UTF8')::jsonb as record, encode(leaf, 'hex') as leaf
    from ledger.event;
comment on view ledger.record is 'The log as JSON, for analysts; the bytes in ledger.event.record are what is hashed.';

-- The leaf of a record (RFC 6962, section 2.1).
create function ledger.leaf(record bytea) returns bytea
language sql immutable parallel safe return sha256('\x00'::bytea || record);

-- Extend a frontier of `size` leaves by more leaves (RFC 6962, section 2.1), and name the roots
-- of the tiles that became full on the way.
create function ledger.extend(
    inout frontier bytea[], size bigint, leaves bytea[],
    out node_height int[], out node_index bigint[], out node_hash bytea[]
) language plpgsql immutable as $$
declare
    nodes  bytea[] := leaves;
    kept   bytea[] := '{}';
    rest   bigint := size;
    height int := 0;
    top    int := cardinality(frontier);
    pairs  int;
begin
    -- Level by level: a node that stood alone on the right gets its sibling from the new ones,
    -- these pair up, and what is left over stands alone on the right from now on.
    while cardinality(nodes) > 0 loop
        if rest & 1 = 1 then
            nodes := frontier[top] || nodes;
            top := top - 1;
        end if;
        pairs := cardinality(nodes) / 2;
        if cardinality(nodes) & 1 = 1 then
            kept := nodes[cardinality(nodes)] || kept;
        end if;
        rest := rest >> 1;
        height := height + 1;
        if pairs = 1 then
            nodes := array[sha256('\x01'::bytea || nodes[1] || nodes[2])];
        else
            nodes := array(select sha256('\x01'::bytea || nodes[2 * i - 1] || nodes[2 * i])
                             from generate_series(1, pairs) i);
        end if;
        if height & 7 = 0 and pairs > 0 then
            node_height := node_height || array_fill(height, array[pairs]);
            node_index := node_index || array(select generate_series(rest, rest + pairs - 1));
            node_hash := node_hash || nodes;
        end if;
    end loop;
    frontier := frontier[1:top] || kept;
end $$;

-- Fold a frontier into the root; an empty log's root is SHA-256 of nothing.
create function ledger.root(frontier bytea[]) returns bytea
language plpgsql immutable as $$
declare
    node bytea;
begin
    if cardinality(frontier) = 0 then
        return sha256(''::bytea);
    end if;
    node := frontier[cardinality(frontier)];
    for i in reverse cardinality(frontier) - 1 .. 1 loop
        node := sha256('\x01'::bytea || frontier[i] || node);
    end loop;
    return node;
end $$;

-- Append many independent requests in one round trip and one commit; each succeeds or is refused
-- alone, as if those before it had been appended already.
--
-- Every stream and every key is named once; who speaks of it gives its place in that list, counted
-- from 1. `counts` says how many reads, ranges, keys and events each request has, which follow
-- each other in the flat arrays. Outcomes: appended; replayed (all keys known with the same
-- digests: the first answer holds); key-reused (a key known with another digest); conflict
-- (something that was read has changed, or a key of a group is known already).
--
-- Few statements and few arrays, since with one client each costs as much as a row. What is asked
-- once a flush is asked for all requests together.
create function ledger.append(
    p_log int,
    p_now timestamptz,
    counts int[],           -- reads, ranges, keys, events
    shared boolean,         -- whether a stream or key is named by more than one request
    streams text[],
    read int[],             -- stream, version
    range_bound text[],     -- from, up to
    range_position bigint[],
    keys text[],
    key_use int[],          -- key, offset of its first event in the request, number of events
    key_digest bytea[],
    event_place int[],      -- stream, version
    event_type text[],
    event_body bytea[],
    out outcome text[], out first_position bigint[], out at timestamptz[], out detail text[]
)
language plpgsql
-- Plans are made once, when the log may still be empty: they must suit it when it is long.
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_variable
declare
    head    record;
    opening bytea;
    current int[];        -- of each stream: its version, and what was accepted here on top
    digest  bytea[];      -- of each key that is known
    origin  bigint[];     -- of each key that is known: its first position
    accepted int[] := '{}';
    leaves  bytea[];
    accepted_key int[] := '{}';
    grown   record;
    r int := 0; g int := 0; k int := 0; e int := 0;   -- how far the flat arrays are used up
    n int := 0; m int := 0;                           -- accepted events and keys
    clean   boolean;
    known   int := 0;
    first   bigint;
    why     text;
    what    text;
    other   text;
begin
    select h.size, h.frontier, greatest(h.last_recorded_at, coalesce(p_now, clock_timestamp())) as at
      into strict head from ledger.head h where h.log_id = p_log for update;
    opening := convert_to(to_char(head.at at time zone 'UTC',
        '"{\"recorded_at\":\""YYYY-MM-DD"T"HH24:MI:SS.US"Z\","'), 'UTF8');
    select array(select coalesce((select e.version from ledger.event e
                                   where e.log_id = p_log and e.stream = s.stream
                                   order by e.version desc limit 1), 0)
                   from unnest(streams) with ordinality s(stream, place) order by s.place)
      into current;
    if cardinality(keys) > 0 then
        select array_agg(c.digest order by s.place), array_agg(c.first_position order by s.place),
               count(c.digest)
          into digest, origin, known
          from unnest(keys) with ordinality s(key, place)
          left join lateral (select c.digest, c.first_position from ledger.command c
                              where c.log_id = p_log and c.key = s.key offset 0) c on true;
    end if;

    -- Where nothing stands in the way of anyone and no two requests meet, none has to be looked
    -- at alone.
    clean := not shared and known = 0 and cardinality(range_position) = 0 and not exists (
        select from generate_series(1, cardinality(read) / 2) j
         where read[2 * j] <> current[read[2 * j - 1]]
    ) and not exists (
        select from generate_series(1, cardinality(event_type)) j
         where event_place[2 * j] <= current[event_place[2 * j - 1]]
    );

    for i in 1 .. cardinality(counts) / 4 loop
        why := 'appended';
        if not clean then
            what := null; first := null; known := 0;
            for j in k + 1 .. k + counts[4 * i - 1] loop
                if digest[key_use[3 * j - 2]] is not null then
                    known := known + 1;
                    first := least(first, origin[key_use[3 * j - 2]]);
                    if digest[key_use[3 * j - 2]] <> key_digest[j] then
                        why := 'key-reused'; what := keys[key_use[3 * j - 2]];
                    end if;
                end if;
            end loop;
            if known > 0 and why = 'appended' then
                if known = counts[4 * i - 1] then
                    why := 'replayed';
                else
                    why := 'conflict'; what := 'a command of this group was recorded before';
                end if;
            end if;
            if why = 'appended' then
                for j in r + 1 .. r + counts[4 * i - 3] loop
                    if read[2 * j] <> current[read[2 * j - 1]] then
                        why := 'conflict'; what := streams[read[2 * j - 1]];
                    end if;
                end loop;
                for j in g + 1 .. g + counts[4 * i - 2] loop
                    select t.stream into other
                      from (select t.stream from ledger.event t
                             where t.log_id = p_log and t.position > range_position[j]
                               and t.stream >= range_bound[2 * j - 1]
                               and t.stream < range_bound[2 * j]
                            union all
                            select streams[event_place[2 * a.j - 1]] collate "C"
                              from unnest(accepted) with ordinality a(j, n)
                             where head.size + a.n - 1 > range_position[j]
                               and streams[event_place[2 * a.j - 1]] collate "C"
                                   >= range_bound[2 * j - 1]
                               and streams[event_place[2 * a.j - 1]] collate "C"
                                   < range_bound[2 * j]) t
                     limit 1;
                    if found then
                        why := 'conflict'; what := other;
                    end if;
                end loop;
                -- Appends that name no expected versions are refused on a taken one.
                for j in e + 1 .. e + counts[4 * i] loop
                    if event_place[2 * j] <= current[event_place[2 * j - 1]] and (
                        exists (select from ledger.event t
                                 where t.log_id = p_log
                                   and t.stream = streams[event_place[2 * j - 1]]
                                   and t.version = event_place[2 * j])
                        or exists (select from unnest(accepted) a
                                    where event_place[2 * a - 1] = event_place[2 * j - 1]
                                      and event_place[2 * a] = event_place[2 * j])
                    ) then
                        why := 'conflict'; what := streams[event_place[2 * j - 1]];
                    end if;
                end loop;
            end if;
            if why = 'appended' then
                for j in e + 1 .. e + counts[4 * i] loop
                    current[event_place[2 * j - 1]] :=
                        greatest(current[event_place[2 * j - 1]], event_place[2 * j]);
                end loop;
            end if;
        end if;

        outcome[i] := why; detail[i] := what;
        if why = 'appended' then
            first := head.size + n;
            for j in k + 1 .. k + counts[4 * i - 1] loop
                m := m + 1;
                accepted_key[m] := j;
                origin[key_use[3 * j - 2]] := first + key_use[3 * j - 1];
                digest[key_use[3 * j - 2]] := key_digest[j];
            end loop;
            for j in e + 1 .. e + counts[4 * i] loop
                n := n + 1;
                accepted[n] := j;
            end loop;
            first_position[i] := first; at[i] := head.at;
        elsif why = 'replayed' then
            first_position[i] := first;
            at[i] := case when first >= head.size then head.at else (
                select t.recorded_at from ledger.event t
                 where t.log_id = p_log and t.position = first) end;
        else
            first_position[i] := null; at[i] := null;
        end if;
        r := r + counts[4 * i - 3]; g := g + counts[4 * i - 2];
        k := k + counts[4 * i - 1]; e := e + counts[4 * i];
    end loop;
    if n > 0 then
        leaves := array(select ledger.leaf(opening || event_body[a.j])
                          from unnest(accepted) with ordinality a(j, n) order by a.n);
        insert into ledger.event (log_id, position, stream, version, type, recorded_at, record, leaf)
        select p_log, head.size + a.n - 1, streams[event_place[2 * a.j - 1]], event_place[2 * a.j],
               event_type[a.j], head.at, opening || event_body[a.j], leaves[a.n]
          from unnest(accepted) with ordinality a(j, n);
        if m > 0 then
            insert into ledger.command (log_id, key, digest, first_position, event_count)
            select p_log, keys[key_use[3 * j - 2]], key_digest[j], origin[key_use[3 * j - 2]],
                   key_use[3 * j]
              from unnest(accepted_key) j;
        end if;
        grown := ledger.extend(head.frontier, head.size, leaves);
        if grown.node_height is not null then
            insert into ledger.node (log_id, height, index, hash)
            select p_log, v.height, v.index, v.hash
              from unnest(grown.node_height, grown.node_index, grown.node_hash)
                   as v(height, index, hash);
        end if;
        update ledger.head h
           set size = head.size + n, frontier = grown.frontier, last_recorded_at = head.at
         where h.log_id = p_log;
        -- A hint for those who wait; whoever misses it polls.
        perform pg_notify('ledger', p_log || ':' || head.size + n);
    end if;
end $$;

-- The last position recorded at or before an instant; -1 where there is none. Instants
-- never decrease with position, so halving finds it without an index of their own.
create function ledger.position_at(p_log int, p_instant timestamptz) returns bigint
language plpgsql stable as $$
declare
    low  bigint := -1;
    high bigint := (select h.size from ledger.head h where h.log_id = p_log);
    mid  bigint;
begin
    while high - low > 1 loop
        mid := (low + high) / 2;
        if (select e.recorded_at <= p_instant from ledger.event e
             where e.log_id = p_log and e.position = mid) then
            low := mid;
        else
            high := mid;
        end if;
    end loop;
    return low;
end $$;

insert into ledger.head (log_id, name) values (1, 'ssp');
