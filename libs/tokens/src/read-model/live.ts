/** Rows of tokens that are not recorded as ended. Written as the partial index has it, so that the index serves. */
export const LIVE = `token.status IN ('active', 'disabled')`;
