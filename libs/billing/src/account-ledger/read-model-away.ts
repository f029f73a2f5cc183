/** The read model could not be asked, so whether a key was used before is not known. */
export class ReadModelAway extends Error {
  override name = 'ReadModelAway';
}

/** What the read model answers; throws ReadModelAway whatever was wrong. */
export async function fromReadModel<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new ReadModelAway('the read model of accounts could not be asked', { cause: error });
  }
}
