import { assert, DAY_MS, HOUR_MS, MINUTE_MS } from '#libs/kernel';

/** Days that the history spans; the last one is today. */
export const HISTORY_DAYS = 120;

const SUNDAY = 0;
const SATURDAY = 6;

/** Days of the history, from 0 on, as instants. All times are UTC. */
export class Calendar {
  /** Midnight of day 0, epoch ms. */
  private readonly origin: number;

  /** `nowMs`: when the history ends. Today has an hour at least, so that something can have happened in it. */
  constructor(readonly nowMs: number) {
    const today = Math.floor((nowMs - HOUR_MS) / DAY_MS) * DAY_MS;
    this.origin = today - (HISTORY_DAYS - 1) * DAY_MS;
  }

  /** Epoch ms of a day and a time such as `09:30`. */
  on(day: number, time: string): number {
    const match = /^([01][0-9]|2[0-3]):([0-5][0-9])$/.exec(time);
    assert(match !== null, `${time} is a time of day`);
    return this.after(day, Number(match[1]) * HOUR_MS + Number(match[2]) * MINUTE_MS);
  }

  /** Epoch ms of a day and milliseconds since its midnight. */
  after(day: number, sinceMidnightMs: number): number {
    return this.origin + day * DAY_MS + sinceMidnightMs;
  }

  /** The day that an instant (epoch ms) lies in. */
  dayOf(epochMs: number): number {
    return Math.floor((epochMs - this.origin) / DAY_MS);
  }

  isWeekend(day: number): boolean {
    const weekday = new Date(this.on(day, '12:00')).getUTCDay();
    return weekday === SUNDAY || weekday === SATURDAY;
  }
}
