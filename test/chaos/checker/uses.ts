import type { LogEvent } from './log-event.js';
import type { Violations } from './violations.js';

interface Half {
  readonly charge: string | null;
  readonly amount: string;
}

/** Every charge of a use has its TokenUsed and the other way, with the same amount, and no use is charged twice. */
export class UsesCheck {
  private readonly charges = new Map<string, Half>();
  private readonly uses = new Map<string, Half>();

  constructor(private readonly violations: Violations) {}

  take({ type, data }: LogEvent): void {
    const isCharge = type === 'OrgCharged' || type === 'UserCharged';
    if (isCharge && data['useId'] !== null) {
      this.add(this.charges, data['useId'], { charge: data['chargeUid'], amount: data['amount'] }, 'charged twice');
    }
    if (type === 'TokenUsed') {
      const half = { charge: data['chargeUid'], amount: data['cost'] };
      this.add(this.uses, data['useId'], half, 'fact recorded twice');
    }
  }

  /** Call it when the whole log was taken. */
  end(): void {
    for (const [useId, charge] of this.charges) {
      const use = this.uses.get(useId);
      if (use === undefined || use.charge !== charge.charge || use.amount !== charge.amount) {
        this.violations.add('charge without use', `${useId}: ${textOf(charge)}, and its use is ${textOf(use)}`);
      }
    }
    for (const [useId, use] of this.uses) {
      if (use.charge !== null && this.charges.get(useId)?.charge !== use.charge) {
        this.violations.add('use without charge', `${useId} names ${textOf(use)}, which was not recorded`);
      }
    }
  }

  private add(
    halves: Map<string, Half>,
    useId: string,
    half: Half,
    kind: 'charged twice' | 'fact recorded twice',
  ): void {
    const before = halves.get(useId);
    if (before !== undefined) this.violations.add(kind, `${useId}: ${textOf(before)} and ${textOf(half)}`);
    halves.set(useId, half);
  }
}

function textOf(half: Half | undefined): string {
  return half === undefined ? 'absent' : `${half.charge ?? 'no charge'} of ${half.amount}`;
}
