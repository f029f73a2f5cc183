const MIN_CAPACITY = 1_024;

/**
 * Finds numbers by a 32-bit hash of a text, in two typed arrays: eight bytes a place, and nothing that the garbage
 * collector has to look at. The texts are not kept: whoever asks tells whether a candidate is the one that is meant.
 * Nothing is ever taken out.
 */
export class HashIndex {
  private hashes = new Uint32Array(MIN_CAPACITY);
  /** Number + 1; 0 where nothing stands. */
  private numbers = new Uint32Array(MIN_CAPACITY);
  private size = 0;

  /** The number that was added under this hash and that `isIt` recognises; -1 when there is none. */
  find(hash: number, isIt: (number: number) => boolean): number {
    const mask = this.numbers.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const found = (this.numbers[place] as number) - 1;
      if (found < 0) return -1;
      if (this.hashes[place] === hash && isIt(found)) return found;
    }
  }

  add(hash: number, number: number): void {
    // Half full at most, so that a search ends after a step or two.
    if (this.size * 2 >= this.numbers.length) this.grow();
    this.put(hash, number + 1);
    this.size += 1;
  }

  private put(hash: number, entry: number): void {
    const mask = this.numbers.length - 1;
    let place = hash & mask;
    while (this.numbers[place] !== 0) place = (place + 1) & mask;
    this.hashes[place] = hash;
    this.numbers[place] = entry;
  }

  private grow(): void {
    const { hashes, numbers } = this;
    this.hashes = new Uint32Array(hashes.length * 2);
    this.numbers = new Uint32Array(numbers.length * 2);
    for (let place = 0; place < numbers.length; place += 1) {
      const entry = numbers[place] as number;
      if (entry !== 0) this.put(hashes[place] as number, entry);
    }
  }
}

/** FNV-1a with a final mix, so that the low bits depend on every character. 0 to 2³² − 1. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
