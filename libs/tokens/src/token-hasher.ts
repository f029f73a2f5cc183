import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { TokenSecrets } from './token-secrets.js';

const ALGORITHM_VERSION = 'v1';
/** Bytes that SHA-256 takes at once, and bytes that it gives. */
const BLOCK = 64;
const DIGEST = 32;
/** Longest text that is hashed in place; token strings have some 70 characters. */
const SHORT = 256;

/**
 * Makes and checks verifiers: HMAC-SHA-256(pepper, "v1" ‖ token string), hexadecimal. A fast hash is enough, for the
 * secret has 256 random bits; the key makes a stolen or forged table useless without the pepper.
 *
 * The HMAC of short texts is put together from two one-shot hashes (RFC 2104) over buffers that are made once: node's
 * own object for it costs three times as much, and is the largest single part of a check.
 */
@Injectable()
export class TokenHasher {
  private readonly pepper: Uint8Array;
  /** Key and inner padding, the version, then the text. */
  private readonly inner = Buffer.alloc(BLOCK + ALGORITHM_VERSION.length + SHORT);
  /** Key and outer padding, then the digest of `inner`. */
  private readonly outer = Buffer.alloc(BLOCK + DIGEST);
  private readonly found = Buffer.alloc(DIGEST);
  private readonly known = Buffer.alloc(DIGEST);

  constructor({ pepper }: TokenSecrets) {
    this.pepper = pepper;
    const key = Buffer.alloc(BLOCK);
    if (pepper.length > BLOCK) key.write(hash('sha256', pepper, 'binary'), 'binary');
    else key.set(pepper);
    for (const [index, byte] of key.entries()) {
      this.inner[index] = byte ^ 0x36;
      this.outer[index] = byte ^ 0x5c;
    }
    this.inner.write(ALGORITHM_VERSION, BLOCK, 'latin1');
  }

  /** The verifier of a token string: 64 hexadecimal digits. */
  verifierOf(tokenString: string): string {
    if (tokenString.length > SHORT || !isAscii(tokenString)) return this.longVerifierOf(tokenString);
    const start = BLOCK + ALGORITHM_VERSION.length;
    const end = start + this.inner.write(tokenString, start, 'latin1');
    this.outer.write(hash('sha256', this.inner.subarray(0, end), 'binary'), BLOCK, 'binary');
    return hash('sha256', this.outer, 'hex');
  }

  /** True when the verifier is that of the token string; always false, in the same time, for no verifier. */
  matches(tokenString: string, verifier: string | null): boolean {
    const claimed = verifier ?? NOTHING;
    this.found.write(this.verifierOf(tokenString), 'hex');
    const isWhole = this.known.write(claimed, 'hex') === DIGEST && claimed.length === DIGEST * 2;
    const isEqual = timingSafeEqual(this.found, this.known);
    return isEqual && isWhole && verifier !== null;
  }

  private longVerifierOf(text: string): string {
    return createHmac('sha256', this.pepper).update(ALGORITHM_VERSION).update(text).digest('hex');
  }
}

/** Compared with where there is nothing to compare with, so that an unknown keyId takes as long as a wrong secret. */
const NOTHING = '0'.repeat(DIGEST * 2);

const NOT_ASCII = /[^\0-\x7f]/;
const isAscii = (text: string): boolean => !NOT_ASCII.test(text);
