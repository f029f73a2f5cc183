/** Taken by whoever assigns positions or changes what they stand for, to the end of its transaction. */
export const APPEND_LOCK = 4_612_507_380_211_001n;

/** Notified with the new head of the log by every flush: a hint that there is something to read. */
export const APPEND_CHANNEL = 'ledger_appends';

/** Between the elements of a list parameter. Neither a stream name nor the text of an event can hold it. */
export const LIST_SEPARATOR = '\u001e';

/** Expected revisions as the function takes them: -1 is a stream that holds nothing, what is smaller is no number. */
export const EXPECTED_ANY = -2n;
export const EXPECTED_EXISTS = -3n;

/**
 * Plans must not depend on statistics: a plan that was made while the tables were small, and kept, would scan them whole
 * when they are large. With these settings the only plans left are those over the indexes.
 */
export const PLAN_SETTINGS = {
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  plan_cache_mode: 'force_generic_plan',
  jit: 'off',
} as const;

const planSettings = Object.entries(PLAN_SETTINGS)
  .map(([name, value]) => `set ${name} = ${value}`)
  .join('\n  ');

/** Only the index of the stream's own category is asked; what was dropped is remembered in `dropped_streams`. */
const lastRevisionIn = (category: string, alias: string) => `
    left join lateral (
      select a.last_revision from ledger.appends_${category} a
      where asked.category = '${category}' and a.stream = asked.stream
      order by a.last_revision desc limit 1
    ) ${alias} on true`;

/**
 * The last revision of each stream, -1 where it holds nothing; read from the appends themselves. A table with a row per
 * stream would be updated by every flush, and whoever holds an old snapshot (a backup, an export) would keep all the
 * versions of its busiest rows alive for each later flush to walk over.
 */
const LAST_REVISIONS = `
create function ledger.last_revisions(p_streams text[], p_categories text[]) returns bigint[]
language plpgsql volatile
  ${planSettings}
as $$
begin
  return (
    select array_agg(
      coalesce(greatest(account.last_revision, security.last_revision, usage.last_revision, dropped.last_revision), -1)
      order by asked.n)
    from unnest(p_streams, p_categories) with ordinality as asked(stream, category, n)
    ${lastRevisionIn('account', 'account')}
    ${lastRevisionIn('security', 'security')}
    ${lastRevisionIn('usage', 'usage')}
    left join ledger.dropped_streams dropped on asked.category = 'usage' and dropped.stream = asked.stream
  );
end $$`;

/**
 * Stores one flush, whole or not at all, under a lock that is held until the commit: positions become visible in their
 * order, so that a reader that has seen one has seen all before it.
 *
 * `p_size` counts the events of the flush, `p_security` those up to its last one of category security (0: none). Lists
 * are texts: separated by blanks, streams and events by the character 30; each element of `p_events` is one append.
 *
 * Outcome `stored`: `revisions` are the revisions before the flush where an append did not name its own, else null.
 * `moved`: nothing was stored, because security events stand after `p_security_at` (null: it does not matter), the last
 * of them at `first_position`.
 * `conflict`: nothing was stored, `revisions` are those found. `stored` again for the same writer and number, however
 * often that is sent: a flush with an unknown outcome. `stale`: the writer has sent a later one since, so this one is
 * an echo of a lost connection, and must not be stored any more.
 */
const APPEND = `
create function ledger.append(
  p_writer uuid, p_number bigint, p_recorded_at timestamptz, p_size integer, p_security integer,
  p_security_at bigint, p_streams text, p_categories text, p_expected text, p_counts text, p_events text,
  out outcome text, out first_position bigint, out revisions text)
language plpgsql volatile
  ${planSettings}
as $$
declare
  v_streams text[] := string_to_array(p_streams, e'\\x1e');
  v_categories text[] := string_to_array(p_categories, ' ');
  v_expected bigint[] := string_to_array(p_expected, ' ')::bigint[];
  v_found bigint[];
  v_earlier record;
  v_head record;
begin
  perform pg_advisory_xact_lock(${APPEND_LOCK});

  select f.number, f.position, f.size into v_earlier from ledger.flushes f
  where f.writer = p_writer and f.number >= p_number order by f.number limit 1;
  if v_earlier.number > p_number then
    outcome := 'stale';
    return;
  elsif v_earlier.number = p_number then
    outcome := 'stored';
    first_position := v_earlier.position - v_earlier.size + 1;
    select string_agg((a.last_revision - a.count)::text, ' ' order by a.last_position) into revisions
    from ledger.appends a where a.last_position between first_position and v_earlier.position;
    return;
  end if;

  select f.position, f.security_position into v_head from ledger.flushes f order by f.position desc limit 1;
  if v_head.security_position > p_security_at then
    outcome := 'moved';
    first_position := v_head.security_position;
    return;
  end if;

  v_found := ledger.last_revisions(v_streams, v_categories);
  if exists (
    select from unnest(v_expected, v_found) as e(expected, found)
    where case e.expected when ${EXPECTED_ANY} then false when ${EXPECTED_EXISTS} then e.found < 0 else e.expected <> e.found end
  ) then
    outcome := 'conflict';
    revisions := array_to_string(v_found, ' ');
    return;
  end if;

  insert into ledger.appends (last_position, last_revision, count, recorded_at, category, stream, events)
  select v_head.position + sum(a.count) over (order by a.n rows unbounded preceding),
    a.found + a.count, a.count, p_recorded_at, a.category, a.stream, a.events
  from unnest(v_streams, v_categories, v_found, string_to_array(p_counts, ' ')::integer[],
    string_to_array(p_events, e'\\x1e')) with ordinality as a(stream, category, found, count, events, n);
  insert into ledger.flushes (position, security_position, size, writer, number)
  values (v_head.position + p_size,
    case p_security when 0 then v_head.security_position else v_head.position + p_security end,
    p_size, p_writer, p_number);
  perform pg_notify('${APPEND_CHANNEL}', (v_head.position + p_size)::text);

  outcome := 'stored';
  first_position := v_head.position + 1;
  if ${EXPECTED_ANY} >= any(v_expected) then
    revisions := array_to_string(v_found, ' ');
  end if;
end $$`;

/** Bounds `flushes`, from which only the newest are ever asked for; a flush is sent again for seconds at most. */
const FORGET_FLUSHES = `
create function ledger.forget_flushes() returns void
language plpgsql volatile
  ${planSettings}
as $$
begin
  delete from ledger.flushes f
  where f.position in (select o.position from ledger.flushes o order by o.position limit 4096)
    and f.made_at < now() - interval '10 minutes'
    and f.position < (select max(h.position) from ledger.flushes h);
end $$`;

/** What the append function needs besides the tables. */
export const APPEND_FUNCTIONS: readonly string[] = [LAST_REVISIONS, APPEND, FORGET_FLUSHES];
