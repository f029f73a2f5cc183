import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { ErrorCode } from '#libs/contracts';
import { type Access, ACCESS_EXTENSION } from '../authentication/access.js';
import { MONEY_MOVING_EXTENSION } from '../idempotency/idempotency-metadata.js';
import { type RawRoute, RawRoutes } from '../raw/raw-route.js';
import { ERROR_CODES_EXTENSION } from './api-responses.js';
import { API_TAGS } from './api-tags.js';
import type { OpenApiDocument, Operation, Parameter } from './open-api-document.js';
import { openApiPath, RAW_EXTENSION, rawOperation, type RawTraits } from './raw-operation.js';
import { errorResponses, type OperationTraits, PROBLEM_SCHEMA, standardRefusals } from './standard-refusals.js';

export interface OpenApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description?: string;
}

const DEFAULT_INFO: OpenApiInfo = { title: 'Token Ledger', version: '1' };
const SECURITY_SCHEME = 'bearer';

/**
 * The OpenAPI 3.1 document of a whole application: its controllers and its raw routes, with the refusals of each.
 * DTO schemas come from the build's plugin: without it (plain tsc, Jest) they are empty.
 */
export function buildOpenApi(app: INestApplication, info: OpenApiInfo = DEFAULT_INFO): OpenApiDocument {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(info.title)
    .setVersion(info.version)
    .setDescription(
      info.description ?? 'Issues API tokens, verifies them, charges for their use, and proves all of it.',
    )
    // addBearerAuth would call the tokens JWTs.
    .addSecurity(SECURITY_SCHEME, { type: 'http', scheme: 'bearer', description: 'A token of this ledger.' });
  for (const { name, description } of API_TAGS) builder.addTag(name, description);
  const scanned: unknown = SwaggerModule.createDocument(app, builder.build());
  const document = scanned as OpenApiDocument;
  for (const route of app.get(RawRoutes).all()) addRawRoute(document, route);
  for (const operations of Object.values(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) complete(operation, method);
  }
  document.components.schemas = { ...document.components.schemas, Problem: PROBLEM_SCHEMA };
  return document;
}

function addRawRoute(document: OpenApiDocument, route: RawRoute): void {
  const operations = (document.paths[openApiPath(route.path)] ??= {});
  for (const method of [route.method].flat() as string[]) {
    operations[method.toLowerCase()] = rawOperation(route, method.toLowerCase());
  }
}

/** Adds what holds for every operation of its kind: security, header parameters, refusals, the position of a write. */
function complete(operation: Operation, method: string): void {
  const traits = traitsOf(operation, method);
  const own = (operation[ERROR_CODES_EXTENSION] ?? []) as ErrorCode[];
  const codes = [...new Set([...own, ...standardRefusals(traits)])].sort();
  operation.security = traits.access === 'public' ? [] : [{ [SECURITY_SCHEME]: [] }];
  operation.parameters = [...(operation.parameters ?? []), ...headerParameters(traits)];
  if (!traits.isRaw && method !== 'get') addPositionHeader(operation);
  operation.responses = { ...errorResponses(codes), ...operation.responses };
  operation[ERROR_CODES_EXTENSION] = codes;
  delete operation[RAW_EXTENSION];
}

function traitsOf(operation: Operation, method: string): OperationTraits {
  const access = (operation[ACCESS_EXTENSION] ?? 'any') as Access;
  const raw = operation[RAW_EXTENSION] as RawTraits | undefined;
  return {
    access,
    method,
    hasBody: operation.requestBody !== undefined,
    hasParameters: (operation.parameters ?? []).length > 0,
    takesAnyQuery: raw?.takesAnyQuery ?? false,
    readsReadModels: raw?.readsReadModels ?? (access !== 'public' && method === 'get'),
    isRaw: raw !== undefined,
    movesMoney: operation[MONEY_MOVING_EXTENSION] === true,
  };
}

function headerParameters({ access, method, readsReadModels, isRaw, movesMoney }: OperationTraits): Parameter[] {
  if (readsReadModels) {
    return [
      header('Ledger-Min-Position', 'Waits (at most 2 s) until the read model has reached this position.', {
        schema: { type: 'string', pattern: '^(0|[1-9][0-9]{0,18})$' },
      }),
    ];
  }
  if (access === 'public' || isRaw || method !== 'post') return [];
  const description = 'The same key and body answer the first answer again; another body is refused.';
  return [
    header('Idempotency-Key', description, {
      required: movesMoney,
      schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
    }),
  ];
}

function header(name: string, description: string, more: Pick<Parameter, 'schema' | 'required'>): Parameter {
  return { name, in: 'header', description, required: false, ...more };
}

function addPositionHeader(operation: Operation): void {
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!status.startsWith('2')) continue;
    const described = response as { headers?: Record<string, object> };
    described.headers = {
      ...described.headers,
      'Ledger-Position': { description: 'Where the log stands with this write.', schema: { type: 'string' } },
    };
  }
}
