// Jest alone, without installing or building first, every argument passed on: for one plain spec while working on it.
import { runJest } from './lib/run-jest.mjs';

process.exitCode = await runJest(process.argv.slice(2));
