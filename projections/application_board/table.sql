create table views.application_board (
    key     text collate "C" not null,
    since   bigint not null,
    until   bigint not null,
    kind    text not null,
    call_id text,
    status  text,
    doc     json not null,
    primary key (key, since)
);
create unique index on views.application_board (key) where until = 4611686018427387904;
create index on views.application_board (call_id, kind, until, since);
