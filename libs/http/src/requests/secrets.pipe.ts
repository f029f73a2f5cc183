import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { refuseSecret } from '../problems/refuse-invalid.js';
import type { SecretScrubber } from '../problems/secret-scrubber.js';
import { fieldName } from './validation.pipe.js';

/**
 * Refuses a body that holds a token string, whatever the field: names, descriptions and reasons are recorded for ever and
 * shown in lists. Calls that a token is presented to, such as `POST /v1/verify`, are raw routes and look for themselves.
 */
export class SecretsPipe implements PipeTransform {
  constructor(private readonly scrubber: SecretScrubber) {}

  transform(value: unknown, { type }: ArgumentMetadata): unknown {
    if (type === 'body') this.inspect(value, '');
    return value;
  }

  private inspect(value: unknown, field: string): void {
    if (typeof value === 'string' && this.scrubber.find(value) !== null) throw this.refusal(field);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      const place = fieldName(key, field, Array.isArray(value));
      if (this.scrubber.find(key) !== null) throw this.refusal(place);
      this.inspect(member, place);
    }
  }

  private refusal(field: string): Error {
    return refuseSecret(this.scrubber.scrub(field));
  }
}
