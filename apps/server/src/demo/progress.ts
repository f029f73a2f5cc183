import type { Calendar } from './calendar.js';
import { HISTORY_DAYS } from './calendar.js';

const EVERY_DAYS = 12;

/** Tells on standard error how far the history is, in ten lines or so. */
export class DemoProgress {
  private shownDay = 0;

  constructor(private readonly calendar: Calendar) {}

  begin(): void {
    tell(`filling the ledger with a history of ${HISTORY_DAYS} days …`);
  }

  /** The history has come to an instant (epoch ms). */
  reach(at: number, uses: number): void {
    const day = this.calendar.dayOf(at);
    if (day < this.shownDay + EVERY_DAYS) return;
    this.shownDay = day;
    tell(`day ${day} of ${HISTORY_DAYS}, ${uses.toLocaleString('en')} uses`);
  }

  end(accepted: number, refused: number): void {
    tell(`done: ${accepted.toLocaleString('en')} uses, and ${refused.toLocaleString('en')} that were refused`);
  }

  alreadyFilled(): void {
    tell('the demo is in this ledger already; nothing was added');
  }
}

function tell(text: string): void {
  process.stderr.write(`token-ledger demo: ${text}\n`);
}
