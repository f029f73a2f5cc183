import { describe, expect, it } from '@jest/globals';
import { postmasterSettings, quotedDirectory, settingsArguments } from './postmaster-settings.js';

describe('postmasterSettings', () => {
  it('keeps what is committed on disk and listens on no network', () => {
    expect(postmasterSettings({})).toMatchObject({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      listen_addresses: '',
    });
  });

  it('lets the caller change the defaults', () => {
    expect(postmasterSettings({ shared_buffers: '1GB' })['shared_buffers']).toBe('1GB');
  });

  it.each([
    ['fsync', 'off'],
    ['synchronous_commit', 'off'],
    ['full_page_writes', 'off'],
    ['listen_addresses', '*'],
    ['unix_socket_directories', '/tmp'],
  ])('refuses %s=%s', (name, value) => {
    expect(() => postmasterSettings({ [name]: value })).toThrow(`Cannot start the embedded PostgreSQL with ${name}`);
  });

  it('writes settings as arguments, and a directory so that it stays one whatever it contains', () => {
    expect(settingsArguments({ fsync: 'on', listen_addresses: '' })).toEqual([
      '-c',
      'fsync=on',
      '-c',
      'listen_addresses=',
    ]);
    expect(quotedDirectory('/a, b/"c"')).toBe('"/a, b/""c"""');
  });
});
