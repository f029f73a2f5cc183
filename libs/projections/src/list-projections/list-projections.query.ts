import { Query } from '@nestjs/cqrs';
import type { Principal } from '#libs/contracts';

export interface ProjectionList {
  readonly data: readonly {
    readonly name: string;
    /** Position of the last event that it holds. */
    readonly position: string;
    readonly lagEvents: number;
    readonly lagSeconds: number;
    readonly deadLetters: number;
    /** Position of the tables that are being filled beside; null when none are. */
    readonly rebuildingPosition: string | null;
  }[];
  readonly nextCursor: null;
}

/** Where every read model stands. */
export class ListProjections extends Query<ProjectionList> {
  constructor(readonly principal: Principal) {
    super();
  }
}
