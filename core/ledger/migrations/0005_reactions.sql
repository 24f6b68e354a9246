-- How far the reactions have come in a log. A fact that is met twice leads to nothing twice, so
-- this may lag behind, but never runs ahead.
create table ledger.reacted (
    log_id   int primary key references ledger.head,
    position bigint not null
);
grant select on ledger.reacted to ssp_reader;
grant insert, update on ledger.reacted to ssp_writer;
