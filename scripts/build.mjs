// `npm run build`: builds into dist, whether or not the sources have changed.
import { prepare } from './lib/prepare.mjs';

await prepare({ build: 'always' });
