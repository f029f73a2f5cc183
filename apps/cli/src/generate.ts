import 'reflect-metadata';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ERROR_CATALOGUE, EVENT_CONTRACTS } from '#libs/contracts';
import { errorsPage } from './reference/errors-page.js';
import { eventsPage } from './reference/events-page.js';
import { metricsPage } from './reference/metrics-page.js';
import { openApiText } from './reference/open-api-text.js';

/** What is generated, below the current folder. The same sources give the same bytes: no date, no order by chance. */
const FILES = {
  'openapi.json': await openApiText(),
  'docs/reference/events.md': eventsPage(EVENT_CONTRACTS),
  'docs/reference/errors.md': errorsPage(ERROR_CATALOGUE),
  'docs/reference/metrics.md': await metricsPage(),
};

for (const [path, text] of Object.entries(FILES)) {
  const file = join(process.cwd(), path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
