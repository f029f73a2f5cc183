import { APPEND_LOCK } from './append-function.js';

/**
 * A partition for the month of `p_at` and each of the two after it. One that would take rows from the catch-all partition
 * is not made (they are few, and dropped by age from there), nor one for which readers do not give way in time: the
 * catch-all takes its rows.
 */
const MAKE_PARTITIONS = `
create function ledger.make_usage_partitions(p_at timestamptz) returns void
language plpgsql volatile
  set lock_timeout = '200ms'
as $$
declare
  v_from timestamptz;
  v_to timestamptz;
  v_name text;
begin
  perform pg_advisory_xact_lock(${APPEND_LOCK});
  for ahead in 0..2 loop
    v_from := (date_trunc('month', p_at at time zone 'UTC') + make_interval(months => ahead)) at time zone 'UTC';
    v_to := (date_trunc('month', p_at at time zone 'UTC') + make_interval(months => ahead + 1)) at time zone 'UTC';
    v_name := 'appends_usage_' || to_char(v_from at time zone 'UTC', 'YYYY_MM');
    continue when to_regclass('ledger.' || v_name) is not null;
    continue when exists (
      select from ledger.appends_usage_default d where d.recorded_at >= v_from and d.recorded_at < v_to);
    execute format('create table ledger.%I partition of ledger.appends_usage for values from (%L) to (%L)',
      v_name, v_from, v_to);
    perform ledger.index_appends(v_name);
  end loop;
end $$`;

const INDEX_APPENDS = `
create function ledger.index_appends(p_table text) returns void
language plpgsql volatile
as $$
begin
  execute format('create unique index %I on ledger.%I (last_position)', p_table || '_position', p_table);
  execute format('create unique index %I on ledger.%I (stream, last_revision)', p_table || '_revision', p_table);
end $$`;

/**
 * Writes down where the streams of a partition end before it goes: from the last row of each, found by its index,
 * because the partition may hold hundreds of millions and appends wait meanwhile.
 */
const REMEMBER_STREAMS = `
create function ledger.remember_streams(p_table regclass, p_before timestamptz) returns void
language plpgsql volatile
  set enable_seqscan = off
  set enable_bitmapscan = off
as $$
declare
  v_last record;
  v_stream text;
begin
  loop
    execute format('select stream, last_revision, last_position from %s
      where ($1::text is null or stream < $1) and recorded_at < $2 order by stream desc, last_revision desc limit 1', p_table)
    into v_last using v_stream, p_before;
    exit when v_last.stream is null;
    v_stream := v_last.stream;
    insert into ledger.dropped_streams as d values (v_last.stream, v_last.last_revision, v_last.last_position)
    on conflict (stream) do update set last_revision = greatest(d.last_revision, excluded.last_revision),
      last_position = greatest(d.last_position, excluded.last_position);
  end loop;
end $$`;

/** Whole partitions that end before the instant, and single appends out of the catch-all. Returns the watermark. */
const DROP_USAGE = `
create function ledger.drop_usage_before(p_instant timestamptz) returns bigint
language plpgsql volatile
  set lock_timeout = '2s'
as $$
declare
  v_partition regclass;
begin
  perform pg_advisory_xact_lock(${APPEND_LOCK});
  for v_partition in
    select c.oid from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'ledger.appends_usage'::regclass
      and (regexp_match(pg_get_expr(c.relpartbound, c.oid), $re$ TO \\('(.*)'\\)$re$))[1]::timestamptz <= p_instant
  loop
    perform ledger.remember_streams(v_partition, 'infinity');
    execute format('drop table %s', v_partition);
  end loop;
  perform ledger.remember_streams('ledger.appends_usage_default', p_instant);
  delete from ledger.appends_usage_default d where d.recorded_at < p_instant;
  return (select coalesce(max(d.last_position), 0) from ledger.dropped_streams d);
end $$`;

/** What makes and drops the partitions of usage. */
export const PARTITION_FUNCTIONS: readonly string[] = [INDEX_APPENDS, MAKE_PARTITIONS, REMEMBER_STREAMS, DROP_USAGE];
