import type { Projection } from '#libs/projections';
import { TokenEntity } from './token.entity.js';
import { tokensProjection } from './tokens.projection.js';
import { UsageHourEntity } from './usage.entity.js';
import { usageHoursProjection } from './usage.projections.js';

export const TOKEN_ENTITIES = [TokenEntity, UsageHourEntity] as const;
export const TOKEN_PROJECTIONS: readonly Projection[] = [tokensProjection, usageHoursProjection];
