/** `12,345` */
export function count(number: number): string {
  return number.toLocaleString('en-US');
}

/** `12,345 events/s` */
export function rate(events: number, elapsedMs: number): string {
  return `${count(Math.round((events * 1000) / Math.max(1, elapsedMs)))} events/s`;
}
