export { freePort } from './free-port.js';
export { ManualClock } from './manual-clock.js';
export { Gate } from './gate.js';
export {
  canRun,
  CURL,
  isInstalled,
  NGINX,
  type Program,
  PROGRAM_PATH,
  REDIS,
  whereInstalled,
  ZSH,
} from './programs.js';
export { type NodeAction, ServerNodes } from './server-nodes.js';
