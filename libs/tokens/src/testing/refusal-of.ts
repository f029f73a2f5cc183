import { isRefusal } from '#libs/contracts';

/** Code of the refusal that `decide` ends with, and the field that it names; `none` when it decides. */
export function refusalOf(decide: () => unknown): string {
  try {
    decide();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return `${error.code} ${error.options.fields?.[0]?.field ?? ''}`.trim();
  }
  return 'none';
}
