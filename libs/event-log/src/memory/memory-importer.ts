import { categoryOf } from '#libs/contracts';
import type { RecordedEvent } from '../event-log.js';
import { ForeignEvents, type LogImporter } from '../move/log-importer.js';
import type { MemoryStorage } from './memory-storage.js';

/** Takes events from another log into one in memory. */
export class MemoryImporter implements LogImporter {
  constructor(private readonly storage: MemoryStorage) {}

  async write(events: readonly RecordedEvent[]): Promise<void> {
    for (const event of events) {
      const before = this.storage.revisionOf(event.stream) + 1n;
      const isLost = categoryOf(event.stream) === 'usage' && event.revision > before;
      if (event.revision !== before && !isLost) {
        throw new ForeignEvents(`Stream ${event.stream} of the target goes on with number ${before}.`);
      }
      this.storage.import(event);
    }
  }

  async finish(): Promise<void> {}

  async close(): Promise<void> {}
}
