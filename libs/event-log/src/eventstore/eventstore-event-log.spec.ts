import { eventLogContract } from '../testing/event-log-contract.js';
import { openOnDouble } from '../testing/eventstore-double/double-log.js';

eventLogContract('EventStoreEventLog on a double of the server', openOnDouble());
