/** Holds up whoever passes until it is opened. */
export class Gate {
  private open!: () => void;
  private readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
  private arrive!: () => void;
  /** Resolves when somebody stands at the gate. */
  readonly arrived = new Promise<void>((resolve) => {
    this.arrive = resolve;
  });

  pass(): Promise<void> {
    this.arrive();
    return this.opened;
  }

  release(): void {
    this.open();
  }
}
