import { describe, expect, it } from '@jest/globals';
import { MemoryEventLog, START, StreamRepository } from '#libs/event-log';
import { ManualClock } from '#libs/kernel/testing';
import { DirectoryCommands } from '../directory-commands.js';
import { asInstallation, contextOf } from '../testing/index.js';
import { CreateUser } from './create-user.command.js';
import { CreateUserHandler } from './create-user.handler.js';

const idempotency = { keyHash: '0'.repeat(64), fingerprint: '1'.repeat(64) };
const data = { handle: 'ada', email: 'ada@example.com' };

function commandOf(seed: string): CreateUser {
  const caller = asInstallation();
  return new CreateUser(caller, { ...contextOf(caller, seed), idempotency }, data);
}

describe('creating a user', () => {
  it('makes one user when the command is sent again because its answer was lost', async () => {
    const log = new MemoryEventLog(new ManualClock());
    const handler = new CreateUserHandler(new DirectoryCommands(new StreamRepository(log), log));
    const first = await handler.execute(commandOf('seed'));
    const again = await handler.execute(commandOf('seed'));
    expect(again).toEqual(first);
    expect((await log.readAll({ after: START, limit: 10 })).events).toHaveLength(3);
  });
});
