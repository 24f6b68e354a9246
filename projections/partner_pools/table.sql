create table views.partner_pools (
    key     text collate "C" not null,
    since   bigint not null,
    until   bigint not null,
    kind    text not null,
    country text,
    region  text,
    tier    text,
    doc     json not null,
    primary key (key, since)
);
create unique index on views.partner_pools (key) where until = 4611686018427387904;
-- All cities at once, at any moment: of each there is one row then, of however many it had.
-- A row that still holds has no upper bound here, since such ranges are kept apart in the index.
create index on views.partner_pools
    using gist (int8range(since, nullif(until, 4611686018427387904))) where kind = 'city';
