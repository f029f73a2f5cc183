/** The unit of every account: whole credits, integers only. */
export const CREDIT_UNIT = 'CREDIT';

const AMOUNT = /^(0|[1-9][0-9]{0,14})$/;

/** An amount from the wire (`^(0|[1-9][0-9]{0,14})$`); null when it is not one. */
export function parseAmount(text: string): bigint | null {
  return AMOUNT.test(text) ? BigInt(text) : null;
}
