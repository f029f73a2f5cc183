// Lets Node load TypeScript of test/ as it stands; what it imports of the product is the build.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const ROOT = new URL('../../', import.meta.url).href;
const TESTS = `${ROOT}test/`;
const BUILT = /^(?:apps|benchmarks)\//;

/** Imports are written with the name of the built file: of test/ that is the source, of the product the one in dist. */
export async function resolve(specifier, context, next) {
  const isOfTests = specifier.startsWith('.') && context.parentURL?.startsWith(TESTS);
  if (!isOfTests) return next(specifier, context);
  const { href } = new URL(specifier, context.parentURL);
  if (href.startsWith(TESTS)) return next(href.replace(/\.js$/, '.ts'), context);
  const path = href.slice(ROOT.length);
  return next(BUILT.test(path) ? `${ROOT}dist/${path}` : href, context);
}

export async function load(url, context, next) {
  if (!url.startsWith(TESTS) || !url.endsWith('.ts')) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), {
    filename,
    jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  });
  return { format: 'module', source: code, shortCircuit: true };
}
