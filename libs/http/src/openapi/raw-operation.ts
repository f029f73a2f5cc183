import { ACCESS_EXTENSION } from '../authentication/access.js';
import { type JsonSchema, type RawAnswer, type RawRoute, readsReadModels } from '../raw/raw-route.js';
import { ERROR_CODES_EXTENSION } from './api-responses.js';
import type { Operation, Parameter } from './open-api-document.js';

const BODY_MEDIA_TYPE = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  bytes: 'application/octet-stream',
} as const;

/** Carries what only the declaration of a raw route tells, while the document is built. */
export const RAW_EXTENSION = 'x-raw';

export interface RawTraits {
  readonly readsReadModels: boolean;
  readonly takesAnyQuery: boolean;
}

/** The path of a route in OpenAPI's form, `/v1/things/{uid}`. */
export function openApiPath(path: string): string {
  return path.replaceAll(/:([A-Za-z0-9_]+)/g, '{$1}');
}

/** The OpenAPI operation of a raw route for one of its methods. */
export function rawOperation(route: RawRoute, method: string): Operation {
  const kind = route.bodyKind ?? 'json';
  const takesBody = method !== 'get' && method !== 'head' && (route.body !== undefined || kind !== 'json');
  const schema = route.body ?? (kind === 'bytes' ? {} : { type: 'object' });
  return {
    operationId: `${method}${route.path.replaceAll(/[^A-Za-z0-9]+/g, '_')}`,
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    tags: [route.tag],
    parameters: [...pathParameters(route), ...queryParameters(route.query)],
    ...(takesBody ? { requestBody: { required: true, content: { [BODY_MEDIA_TYPE[kind]]: { schema } } } } : {}),
    responses: Object.fromEntries(
      Object.entries(route.answers).map(([status, answer]) => [status, responseOf(answer)]),
    ),
    ...route.openApi,
    [ACCESS_EXTENSION]: route.requires,
    [ERROR_CODES_EXTENSION]: route.errors ?? [],
    [RAW_EXTENSION]: { readsReadModels: readsReadModels(route), takesAnyQuery: route.query === 'open' },
  };
}

function responseOf({ description, schema, documentation, contentType = 'application/json' }: RawAnswer): object {
  const shown = documentation ?? schema;
  return { description, ...(shown === undefined ? {} : { content: { [contentType]: { schema: shown } } }) };
}

function pathParameters({ path, params }: RawRoute): Parameter[] {
  const described = propertiesOf(params);
  return [...path.matchAll(/:([A-Za-z0-9_]+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: described[name] ?? { type: 'string' },
  }));
}

function queryParameters(query: RawRoute['query']): Parameter[] {
  if (query === 'open') return [];
  const required = (query?.['required'] ?? []) as readonly string[];
  return Object.entries(propertiesOf(query)).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function propertiesOf(schema: JsonSchema | undefined): Record<string, JsonSchema> {
  return (schema?.['properties'] ?? {}) as Record<string, JsonSchema>;
}
