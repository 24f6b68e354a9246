create table views.project_status (
    key        text collate "C" not null,
    since      bigint not null,
    until      bigint not null,
    kind       text not null,
    project_id text collate "C" not null,
    call_id    text collate "C" not null,
    city_id    text collate "C" not null,
    doc        json not null,
    primary key (key, since)
);
create unique index on views.project_status (key) where until = 4611686018427387904;
create index on views.project_status (project_id, until, since);
create index on views.project_status (city_id, until, since);
