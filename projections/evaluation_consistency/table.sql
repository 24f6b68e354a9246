create table views.evaluation_consistency (
    key     text collate "C" not null,
    since   bigint not null,
    until   bigint not null,
    call_id text not null,
    stage   text not null,
    doc     json not null,
    primary key (key, since)
);
create unique index on views.evaluation_consistency (key) where until = 4611686018427387904;
create index on views.evaluation_consistency (call_id, stage, until, since);
