/** Counts how often something has happened of late. */
export class RecentTimes {
  private times: number[] = [];

  constructor(private readonly withinMs: number) {}

  /** Notes that it happens at `nowMs`, of a clock that only goes forward, and gives how often it has within the time. */
  add(nowMs: number): number {
    this.times = [...this.times.filter((time) => nowMs - time < this.withinMs), nowMs];
    return this.times.length;
  }
}
