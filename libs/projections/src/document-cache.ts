import type { Document } from './fold.js';

/**
 * Documents of one projection as they stand in its table, the least recently changed dropped first. Knows absence,
 * too: `null` is a document that is not in the table, `undefined` one that must be looked up.
 */
export class DocumentCache {
  private readonly documents = new Map<string, Document | null>();

  /** `complete`: the table is empty, so that what is not here is nowhere, until something was dropped. */
  constructor(
    private readonly capacity: number,
    private complete = false,
  ) {}

  get(id: string): Document | null | undefined {
    const row = this.documents.get(id);
    return row === undefined && this.complete ? null : row;
  }

  set(id: string, row: Document | null): void {
    this.documents.delete(id);
    this.documents.set(id, row);
  }

  /** Drops what is over the capacity. */
  trim(): void {
    for (const id of this.documents.keys()) {
      if (this.documents.size <= this.capacity) return;
      this.documents.delete(id);
      this.complete = false;
    }
  }

  /** Forgets everything: somebody else wrote to the table, or may have. */
  clear(): void {
    this.documents.clear();
    this.complete = false;
  }
}
