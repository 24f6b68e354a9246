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

create table ledger.event (
    log_id      int not null references ledger.head,
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
    log_id         int not null references ledger.head,
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

-- Extend a frontier of `size` leaves by more leaves (RFC 6962, section 2.1), and name the roots
-- of the tiles that became full on the way.
create function ledger.extend(
    inout frontier bytea[], size bigint, leaves bytea[],
    out node_height int[], out node_index bigint[], out node_hash bytea[]
) language plpgsql immutable as $$
declare
    leaf   bytea;
    node   bytea;
    n      bigint := size;
    rest   bigint;
    height int;
    top    int := cardinality(frontier);
begin
    foreach leaf in array leaves loop
        node := leaf;
        rest := n;
        height := 0;
        -- Each trailing one of the size is a perfect subtree that the new leaf completes.
        while rest & 1 = 1 loop
            node := sha256('\x01'::bytea || frontier[top] || node);
            top := top - 1;
            rest := rest >> 1;
            height := height + 1;
            if height & 7 = 0 then
                node_height := node_height || height;
                node_index := node_index || rest;
                node_hash := node_hash || node;
            end if;
        end loop;
        top := top + 1;
        frontier[top] := node;
        n := n + 1;
    end loop;
    frontier := frontier[1:top];
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

-- Append many independent requests in one round trip; each succeeds or is refused alone.
--
-- The counts say how many entries of the flat arrays belong to which request. Outcomes:
-- appended; replayed (all keys known with the same digests: the first answer holds);
-- key-reused (a key known with another digest); conflict (something that was read has
-- changed, or a key of a group is known already).
create function ledger.append(
    p_log int,
    p_now timestamptz,
    n_reads int[], n_ranges int[], n_keys int[], n_events int[],
    read_stream text[], read_version int[],
    range_from text[], range_to text[], range_position bigint[],
    key text[], key_digest bytea[], key_offset int[], key_count int[],
    ev_stream text[], ev_version int[], ev_type text[], ev_body bytea[]
) returns table (outcome text, first_position bigint, at timestamptz, detail text)
language plpgsql as $$
#variable_conflict use_variable
declare
    head    ledger.head%rowtype;
    r0 int := 0; g0 int := 0; k0 int := 0; e0 int := 0;
    r1 int; g1 int; k1 int; e1 int;
    known   int;
    other   text;
    reused  text;
    before  bigint;
    opening bytea;
    leaves  bytea[];
    grown   record;
    started bigint;
begin
    select * into strict head from ledger.head h where h.log_id = p_log for update;
    started := head.size;
    for i in 1 .. cardinality(n_events) loop
        r1 := r0 + n_reads[i]; g1 := g0 + n_ranges[i];
        k1 := k0 + n_keys[i];  e1 := e0 + n_events[i];
        outcome := null; first_position := null; at := null; detail := null;

        select count(*), max(c.key) filter (where c.digest <> k.digest), min(c.first_position)
          into known, reused, before
          from unnest(key[k0 + 1 : k1], key_digest[k0 + 1 : k1]) as k(key, digest)
          join ledger.command c on c.log_id = p_log and c.key = k.key;
        if reused is not null then
            outcome := 'key-reused'; detail := reused;
        elsif known > 0 and known = k1 - k0 then
            outcome := 'replayed'; first_position := before;
            select e.recorded_at into at from ledger.event e
             where e.log_id = p_log and e.position = before;
        elsif known > 0 then
            outcome := 'conflict'; detail := 'a command of this group was recorded before';
        end if;

        if outcome is null and r1 > r0 then
            select r.stream into other
              from unnest(read_stream[r0 + 1 : r1], read_version[r0 + 1 : r1]) as r(stream, version)
             where r.version <> coalesce((
                       select e.version from ledger.event e
                        where e.log_id = p_log and e.stream = r.stream
                        order by e.version desc limit 1), 0)
             limit 1;
            if found then
                outcome := 'conflict'; detail := other;
            end if;
        end if;

        if outcome is null and g1 > g0 then
            select e.stream into other
              from unnest(range_from[g0 + 1 : g1], range_to[g0 + 1 : g1],
                          range_position[g0 + 1 : g1]) as g(low, high, seen)
             cross join lateral (
                   select e.stream from ledger.event e
                    where e.log_id = p_log and e.stream >= g.low and e.stream < g.high
                      and e.position > g.seen
                    limit 1) e
             limit 1;
            if found then
                outcome := 'conflict'; detail := other;
            end if;
        end if;

        if outcome is null then
            -- Appends that name no expected versions are refused on a taken one.
            select e.stream into other
              from unnest(ev_stream[e0 + 1 : e1], ev_version[e0 + 1 : e1]) as v(stream, version)
              join ledger.event e
                on e.log_id = p_log and e.stream = v.stream and e.version = v.version
             limit 1;
            if found then
                outcome := 'conflict'; detail := other;
            end if;
        end if;

        if outcome is null then
            head.last_recorded_at := greatest(head.last_recorded_at, coalesce(p_now, clock_timestamp()));
            opening := convert_to('{"recorded_at":"' || to_char(
                head.last_recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || 'Z",', 'UTF8');
            with added as (
                insert into ledger.event (log_id, position, stream, version, type, recorded_at, record, leaf)
                select p_log, head.size + v.n - 1, v.stream, v.version, v.type, head.last_recorded_at,
                       opening || v.body, sha256('\x00'::bytea || opening || v.body)
                  from unnest(ev_stream[e0 + 1 : e1], ev_version[e0 + 1 : e1],
                              ev_type[e0 + 1 : e1], ev_body[e0 + 1 : e1])
                       with ordinality as v(stream, version, type, body, n)
                returning position, leaf
            )
            select array_agg(a.leaf order by a.position) into leaves from added a;
            insert into ledger.command (log_id, key, digest, first_position, event_count)
            select p_log, k.key, k.digest, head.size + k.start, k.count
              from unnest(key[k0 + 1 : k1], key_digest[k0 + 1 : k1],
                          key_offset[k0 + 1 : k1], key_count[k0 + 1 : k1])
                   as k(key, digest, start, count);
            select * into grown from ledger.extend(head.frontier, head.size, leaves);
            head.frontier := grown.frontier;
            if grown.node_height is not null then
                insert into ledger.node (log_id, height, index, hash)
                select p_log, v.height, v.index, v.hash
                  from unnest(grown.node_height, grown.node_index, grown.node_hash)
                       as v(height, index, hash);
            end if;
            outcome := 'appended'; first_position := head.size; at := head.last_recorded_at;
            head.size := head.size + (e1 - e0);
        end if;
        return next;
        r0 := r1; g0 := g1; k0 := k1; e0 := e1;
    end loop;
    if head.size > started then
        update ledger.head h
           set size = head.size, frontier = head.frontier, last_recorded_at = head.last_recorded_at
         where h.log_id = p_log;
        -- A hint for those who wait; whoever misses it polls.
        perform pg_notify('ledger', p_log || ':' || head.size);
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
