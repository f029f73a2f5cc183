import type { Finding } from './code-rules.js';

const LINES_MAX = 300;
const BYTES_MAX = 256 * 1024;

/** The words are put together here, so that this file does not hold what it looks for. */
const LEFTOVERS = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`);
const MACHINE_PATH = new RegExp(`(?:^|[^A-Za-z0-9_])/(?:${['work', 'root', 'home/[a-z]+'].join('|')})/`);
const NO_TESTS_IS_FINE = 'passWith' + 'NoTests';
const REGISTRY = new RegExp(
  [
    String.raw`\bregistry\.(?:[a-z0-9-]+\.)+[a-z]{2,}`,
    String.raw`\bnpm\.pkg\.[a-z0-9-]+\.[a-z]+`,
    String.raw`\bnpm(?:-registry)?\.(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|local|internal)\b`,
    String.raw`https?://[^\s"']*/(?:artifactory|nexus|verdaccio|npm-registry|api/npm)\b`,
  ].join('|'),
);

/** Names what the style bans in any text: leftovers, and what ties the project to one machine or one registry. */
export function bannedText(path: string, text: string): Finding[] {
  if (path === 'LICENSE') return [];
  const isLock = path === 'package-lock.json';
  const isConfig = /\.(?:ts|js|mjs|cjs)$|^package\.json$/.test(path);
  const findings: Finding[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const add = (message: string): number => findings.push({ line: index + 1, message });
    if (REGISTRY.test(line)) add('names the host of a registry: the user’s npm knows its own');
    if (isLock && line.includes('"resolved": "http'))
      add('ties the lock to a registry: .npmrc says omit-lockfile-registry-resolved');
    if (isLock) continue;
    if (LEFTOVERS.test(line)) add('leaves work behind: do it, or open an issue');
    if (MACHINE_PATH.test(line)) add('names a folder of one machine: use a relative path');
    if (isConfig && line.includes(NO_TESTS_IS_FINE)) add('lets a run without tests pass');
  }
  return findings;
}

/** Names a file that is too large to read (a source over 300 lines) or to keep (any over 256 KiB, but the lock and the API). */
export function oversized(path: string, content: Buffer): Finding[] {
  const findings: Finding[] = [];
  if (/\.tsx?$/.test(path)) {
    const lines = content.toString('utf8').replace(/\n$/, '').split('\n').length;
    if (lines > LINES_MAX)
      findings.push({ line: LINES_MAX + 1, message: `has ${lines} lines, ${LINES_MAX} is the limit: make two files` });
  }
  if (content.length > BYTES_MAX && path !== 'package-lock.json' && path !== 'openapi.json') {
    findings.push({ line: 1, message: `has ${content.length} bytes, ${BYTES_MAX} is the limit: generate or fetch it` });
  }
  return findings;
}
