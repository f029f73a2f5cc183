export { freePort } from './free-port.js';
export { ManualClock } from './manual-clock.js';
