-- What the log's key has signed: one root for each size, for good.

create table ledger.checkpoint (
    log_id    int not null references ledger.head,
    size      bigint not null check (size >= 0),
    root      bytea not null check (length(root) = 32),
    note      bytea not null,
    signed_at timestamptz not null default clock_timestamp(),
    -- No second root for a size that was signed: whoever comes second is told.
    primary key (log_id, size)
);
alter table ledger.checkpoint alter column root set storage plain;

-- Whoever serves may sign, and so add a checkpoint; nobody may change or remove one.
call ledger.append_only('ledger.checkpoint');
grant insert on ledger.checkpoint to ssp_writer;
