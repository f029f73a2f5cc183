import { Command } from '@nestjs/cqrs';
import type { Principal } from '#libs/contracts';

/** Starts to fill a read model anew beside the live one. */
export class RebuildProjection extends Command<void> {
  constructor(
    readonly name: string,
    readonly principal: Principal,
  ) {
    super();
  }
}
