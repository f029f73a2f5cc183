export { freePort } from './free-port.js';
export { ManualClock } from './manual-clock.js';
export { Gate } from './gate.js';
export { type NodeAction, ServerNodes } from './server-nodes.js';
