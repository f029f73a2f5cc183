import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsString,
  Length,
  Matches,
  ValidateBy,
  ValidateIf,
} from 'class-validator';
import { isCidr } from './domain/cidr.js';

const ENDPOINTS_MAX = 1000;
const RESOURCE = /^[^\s\p{Cc}]{1,256}$/u;
/** RFC 6749 §3.3. */
const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]{1,128}$/;
const SCOPES_MAX = 100;
const ORGANIZATION = /^org_[0-9A-HJKMNP-TV-Z]{26}$/;
const ORGANIZATIONS_MAX = 100;
const CIDRS_MAX = 100;
const METADATA_MAX = 20;
const METADATA_KEY = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/;
const METADATA_VALUE_LENGTH_MAX = 500;

/** Several checks of one field under one name. */
function together(...checks: readonly PropertyDecorator[]): PropertyDecorator {
  return (target, property) => checks.forEach((check) => check(target, property));
}

function check(name: string, message: string, validate: (value: unknown) => boolean): PropertyDecorator {
  return ValidateBy({ name, validator: { validate, defaultMessage: () => `$property ${message}` } });
}

/** Null lifts the restriction; anything else goes through the other checks of the field. */
export function IfNotNull(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined && value !== null);
}

/** Text that a person gives a thing: at least one visible character. */
export function IsDisplayName(): PropertyDecorator {
  return together(IsString(), Length(1, 100), Matches(/\S/, { message: '$property must not be blank' }));
}

/** `all`, or names of resources. */
export function IsEndpoints(): PropertyDecorator {
  return check('isEndpoints', `must be "all" or a list of at most ${ENDPOINTS_MAX} resource names`, (value) => {
    if (value === 'all') return true;
    return Array.isArray(value) && value.length <= ENDPOINTS_MAX && value.every((item) => matches(RESOURCE, item));
  });
}

export function AreScopes(): PropertyDecorator {
  return together(IsArray(), ArrayMaxSize(SCOPES_MAX), Matches(SCOPE, { each: true }));
}

export function AreOrganizations(): PropertyDecorator {
  return together(IsArray(), ArrayMaxSize(ORGANIZATIONS_MAX), Matches(ORGANIZATION, { each: true }));
}

/** An empty list would close the token to everybody, or, misread, open it: neither is meant. */
export function AreCidrs(): PropertyDecorator {
  const message = 'must hold CIDR blocks or addresses only, as 203.0.113.0/24 or 2001:db8::1';
  return together(
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(CIDRS_MAX),
    check('areCidrs', message, (value) => Array.isArray(value) && value.every((item) => isText(item) && isCidr(item))),
  );
}

/** At most 20 pairs of short strings. */
export function IsMetadata(): PropertyDecorator {
  const message = `must hold at most ${METADATA_MAX} strings of at most ${METADATA_VALUE_LENGTH_MAX} characters`;
  return check('isMetadata', message, (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const entries: [string, unknown][] = Object.entries(value);
    return entries.length <= METADATA_MAX && entries.every(isMetadataEntry);
  });
}

function isMetadataEntry([key, value]: [string, unknown]): boolean {
  return METADATA_KEY.test(key) && isText(value) && value.length <= METADATA_VALUE_LENGTH_MAX;
}

function matches(pattern: RegExp, value: unknown): boolean {
  return isText(value) && pattern.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
