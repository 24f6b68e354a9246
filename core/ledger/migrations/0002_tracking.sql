-- What programs written with the eventsourcing library keep beside their log.

-- How far a projection has come in the log of another application: the notification
-- that its state includes. Written in the transaction that changes that state.
create table ledger.tracking (
    projection       text collate "C" not null,
    application_name text collate "C" not null,
    notification_id  bigint not null,
    primary key (projection, application_name)
);

-- States of aggregates at some versions. They can be thrown away: events make them anew.
create table ledger.snapshot (
    application text collate "C" not null,
    purpose     text collate "C" not null,
    stream      text collate "C" not null,
    version     int not null,
    topic       text not null,
    state       bytea not null,
    primary key (application, purpose, stream, version)
);
