// `npm start`: the server, in this very process, so that a signal to it reaches the server and nothing is in between.
import { become, prepare } from './lib/prepare.mjs';

await prepare();
await become('dist/apps/server/src/main.js', process.argv.slice(2));
