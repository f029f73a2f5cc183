import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Secret } from '#libs/kernel';
import { drawTokenString, parseTokenString, type TokenKind } from './domain/token-string.js';
import { TokenHasher } from './token-hasher.js';
import { TokenSecrets } from './token-secrets.js';

/** A token string with everything that may be stored of it. */
export interface MintedToken {
  /** The token string, to be handed out once. */
  readonly secret: Secret;
  readonly keyId: string;
  readonly prefix: string;
  readonly verifier: string;
  readonly pepperId: string;
}

/** Makes the token strings of this installation. */
@Injectable()
export class TokenMint {
  constructor(
    private readonly secrets: TokenSecrets,
    private readonly hasher: TokenHasher,
  ) {}

  /** A fresh token string, from the system's random generator. */
  mint(kind: TokenKind): MintedToken {
    const { text, keyId, prefix } = drawTokenString(this.secrets.brand, kind, randomBytes);
    return this.minted(text, keyId, prefix);
  }

  /**
   * A token string that was made elsewhere (`INIT_ADMIN_API_TOKENS`), as if it had been minted here; null when it is
   * not a well-formed one of this brand and kind.
   */
  adopt(tokenString: string, kind: TokenKind): MintedToken | null {
    const parsed = parseTokenString(tokenString, this.secrets.brand);
    if (!parsed.ok || parsed.kind !== kind) return null;
    return this.minted(tokenString, parsed.keyId, parsed.prefix);
  }

  private minted(text: string, keyId: string, prefix: string): MintedToken {
    const verifier = this.hasher.verifierOf(text);
    return { secret: new Secret(text), keyId, prefix, verifier, pepperId: this.secrets.pepperId };
  }
}
