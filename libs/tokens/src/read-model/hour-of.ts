/** The beginning of the hour of an instant that the ledger wrote (RFC 3339, UTC), in the same form. */
export function hourOf(instant: string): string {
  return `${instant.slice(0, 'yyyy-mm-ddThh'.length)}:00:00.000Z`;
}
