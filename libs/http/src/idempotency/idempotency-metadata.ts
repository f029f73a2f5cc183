import { SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { combine } from '../combine.js';

export const MONEY_MOVING_METADATA = 'ledger:money-moving';
/** Carries the same into the OpenAPI document. */
export const MONEY_MOVING_EXTENSION = 'x-money-moving';
export const REPLAY_AS_METADATA = 'ledger:replay-as';

export type ReplayBody = (body: never) => unknown;

/** The call moves credits: `Idempotency-Key` is demanded, and its answer is kept for ever. */
export function MoneyMoving(): MethodDecorator {
  return combine(SetMetadata(MONEY_MOVING_METADATA, true), ApiExtension(MONEY_MOVING_EXTENSION, true));
}

/**
 * What is stored and answered again under the same `Idempotency-Key`: `@ReplayAs((body: CreatedToken) => ({...body, secret: null}))`.
 * It runs before anything is stored, so what it leaves out is never kept.
 */
export function ReplayAs<Body>(replay: (body: Body) => unknown): MethodDecorator {
  return SetMetadata(REPLAY_AS_METADATA, replay);
}
