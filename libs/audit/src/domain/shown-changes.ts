import type { EventType } from '#libs/contracts';
import type { Json } from '#libs/kernel';

/** Events that hold the whole before and after, and the field that it is the value of; null: an object of fields. */
const WHOLE: Partial<Record<EventType, string | null>> = {
  InstanceRolesChanged: 'roles',
  MemberRoleChanged: 'role',
  AccountModeChanged: null,
};

type Fields = Readonly<Record<string, Json>>;
interface Whole {
  readonly before: Json;
  readonly after: Json;
}

/**
 * The changes of an event, as they were recorded, in the one shape that entries show: before and after of each field
 * that differs, by its name. Applied when an entry is read, so that one that was recorded long ago has it as well.
 */
export function shownChanges(action: string, recorded: Json | null): Json | null {
  const field = WHOLE[action as EventType];
  if (recorded === null || field === undefined) return recorded;
  const { before, after } = recorded as unknown as Whole;
  if (field !== null) return { [field]: { before, after } };
  const [old, now] = [before as Fields, after as Fields];
  const changed = Object.keys(now).filter((name) => old[name] !== now[name]);
  return Object.fromEntries(changed.map((name) => [name, { before: old[name], after: now[name] }]));
}
