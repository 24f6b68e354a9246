create table views.audit_findings (
    key     text collate "C" not null,
    since   bigint not null,
    until   bigint not null,
    rule    text,
    call_id text,
    doc     json not null,
    primary key (key, since)
);
create index on views.audit_findings (rule, call_id, until, since) where rule is not null;
