/** What the installation makes and proves token strings with. Given by the app; an injection token too. */
export abstract class TokenSecrets {
  /** Leading part of every token string, `tl` by default. */
  abstract readonly brand: string;
  /** Name of the pepper, stored beside each verifier that was made with it. */
  abstract readonly pepperId: string;
  /** At least 32 bytes, kept outside the database. */
  abstract readonly pepper: Uint8Array;
}
