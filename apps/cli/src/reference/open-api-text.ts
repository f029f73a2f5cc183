import { withInertApplication } from './inert-application.js';

/** The OpenAPI document as a server answers it, made by the same application on a store that is never asked. */
export function openApiText(): Promise<string> {
  return withInertApplication(async (app) => {
    const answer = await app.inject({ method: 'GET', url: '/openapi.json' });
    if (answer.statusCode !== 200) throw new Error(`/openapi.json answered ${answer.statusCode}: ${answer.body}`);
    return `${answer.body}\n`;
  });
}
