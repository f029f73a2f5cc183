import { Query } from '@nestjs/cqrs';
import type { LedgerSettings } from '#libs/contracts';

/** The settings of the installation. */
export class GetSettings extends Query<LedgerSettings> {}
