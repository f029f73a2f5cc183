import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { hasInstanceRole, refuse } from '#libs/contracts';
import { ProjectionEngine } from '../projection-engine.js';
import { ListProjections, type ProjectionList } from './list-projections.query.js';

@QueryHandler(ListProjections)
export class ListProjectionsHandler implements IQueryHandler<ListProjections> {
  constructor(private readonly engine: ProjectionEngine) {}

  async execute({ principal }: ListProjections): Promise<ProjectionList> {
    if (!hasInstanceRole(principal, 'admin', 'auditor')) throw refuse('permission_denied');
    const statuses = await this.engine.status();
    const data = statuses.map(({ rebuilding, ...status }) => ({
      ...status,
      rebuildingPosition: rebuilding?.position ?? null,
    }));
    return { data, nextCursor: null };
  }
}
