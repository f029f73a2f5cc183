import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { hasInstanceRole, refuse } from '#libs/contracts';
import { ProjectionEngine } from '../projection-engine.js';
import { RebuildProjection } from './rebuild-projection.command.js';

@CommandHandler(RebuildProjection)
export class RebuildProjectionHandler implements ICommandHandler<RebuildProjection> {
  constructor(private readonly engine: ProjectionEngine) {}

  async execute({ name, principal }: RebuildProjection): Promise<void> {
    if (!hasInstanceRole(principal, 'admin')) throw refuse('permission_denied');
    const known = await this.engine.status();
    if (!known.some((status) => status.name === name)) throw refuse('not_found');
    if (known.some((status) => status.rebuilding !== undefined)) throw refuse('conflict');
    await this.begun(name);
  }

  /** Resolves when the rebuild is under way: it takes as long as the log is, and the list shows how far it has come. */
  private async begun(name: string): Promise<void> {
    let begin!: () => void;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const whole = this.engine.rebuild([name], { onProgress: () => begin() });
    // What fails later is told to the reporter of the engine.
    whole.catch(() => undefined);
    await Promise.race([begun, whole]);
  }
}
