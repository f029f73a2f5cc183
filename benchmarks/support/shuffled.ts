/** Items far from the order in which they were made, the same in every run. */
export function shuffled<T>(items: readonly T[]): T[] {
  const STRIDE = 7_919;
  return items.map((_, index) => items[(index * STRIDE) % items.length] as T);
}
