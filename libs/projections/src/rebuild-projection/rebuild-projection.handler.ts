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
    // Takes as long as the log is; the engine reports how it went, and the list shows how far it is.
    void this.engine.rebuild([name]).catch(() => undefined);
  }
}
