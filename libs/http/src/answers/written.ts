import { formatPosition, type Position } from '#libs/event-log';

/** The answer of a write: its body, and where the log stands with it. */
export class Written<Body = unknown> {
  constructor(
    readonly body: Body,
    readonly position: Position | null,
    /** Further headers, for example `Location`. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
}

/**
 * What a handler of a write returns: `body` is sent with the header `Ledger-Position`, which a read may name in
 * `Ledger-Min-Position` to see this write. `position` is null when nothing was appended.
 */
export function written<Body>(
  body: Body,
  position: Position | null,
  headers: Readonly<Record<string, string>> = {},
): Written<Body> {
  return new Written(body, position, headers);
}

export function isWritten(answer: unknown): answer is Written {
  return answer instanceof Written;
}

/** Headers of the answer of a write, its position among them. */
export function headersOf({ headers, position }: Written): Readonly<Record<string, string>> {
  return position === null ? headers : { ...headers, 'ledger-position': formatPosition(position) };
}
