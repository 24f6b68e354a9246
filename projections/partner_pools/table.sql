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
create index on views.partner_pools (kind, until, since);
