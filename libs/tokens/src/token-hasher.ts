import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { TokenSecrets } from './token-secrets.js';

const ALGORITHM_VERSION = 'v1';
/** Compared with where there is nothing to compare with, so that an unknown keyId takes as long as a wrong secret. */
const NOTHING = Buffer.alloc(32);

/**
 * Makes and checks verifiers: HMAC-SHA-256(pepper, "v1" ‖ token string), hexadecimal. A fast hash is enough, for the
 * secret has 256 random bits; the key makes a stolen or forged table useless without the pepper.
 */
@Injectable()
export class TokenHasher {
  private readonly key: KeyObject;

  constructor(secrets: TokenSecrets) {
    this.key = createSecretKey(secrets.pepper);
  }

  /** The verifier of a token string: 64 hexadecimal digits. */
  verifierOf(tokenString: string): string {
    return this.hash(tokenString).toString('hex');
  }

  /** True when the verifier is that of the token string; always false, in the same time, for no verifier. */
  matches(tokenString: string, verifier: string | null): boolean {
    const known = verifier === null ? NOTHING : Buffer.from(verifier, 'hex');
    const isWhole = known.length === NOTHING.length;
    const isEqual = timingSafeEqual(this.hash(tokenString), isWhole ? known : NOTHING);
    return isEqual && isWhole && verifier !== null;
  }

  private hash(tokenString: string): Buffer {
    return createHmac('sha256', this.key).update(ALGORITHM_VERSION).update(tokenString).digest();
  }
}
