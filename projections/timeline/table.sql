-- Rows are only ever added, so none of them is looked up by its key.
create table views.timeline (
    key          text collate "C" not null,
    since        bigint not null,
    until        bigint not null,
    call_id      text collate "C",
    city_id      text collate "C",
    evaluator_id text collate "C",
    slice        text not null,
    doc          json not null,
    primary key (key, since)
);
create index on views.timeline (call_id, since) where call_id is not null;
create index on views.timeline (call_id, since) where city_id is null and evaluator_id is null;
create index on views.timeline (city_id, call_id, since) where city_id is not null;
create index on views.timeline (evaluator_id, since) where evaluator_id is not null;
