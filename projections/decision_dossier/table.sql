-- Rows are only ever added. A key begins with its stream, so that this one index finds both the
-- facts of a stream and those of all streams that share a prefix.
create table views.decision_dossier (
    key   text collate "C" not null,
    since bigint not null,
    until bigint not null,
    doc   json not null,
    primary key (key, since)
);
