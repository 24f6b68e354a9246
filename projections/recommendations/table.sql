create table views.recommendations (
    key        text collate "C" not null,
    since      bigint not null,
    until      bigint not null,
    project_id text collate "C" not null,
    city_id    text collate "C" not null,
    doc        json not null,
    primary key (key, since)
);
create unique index on views.recommendations (key) where until = 4611686018427387904;
create index on views.recommendations (project_id, until, since);
create index on views.recommendations (city_id, until, since);
