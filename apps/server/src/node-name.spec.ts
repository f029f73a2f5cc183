import { describe, expect, it } from '@jest/globals';
import { nodeNameOf } from './node-name.js';

describe('nodeNameOf', () => {
  it.each([
    ['the setting, where there is one', { node: 'api1' }, 'elsewhere', 'api1'],
    ['letters and digits of the host', { node: null }, 'Web-01.example.com', 'web01examplecom'],
    ['anything at all', { node: null }, '---', 'node'],
  ])('is %s', (_what, settings, host, name) => {
    expect(nodeNameOf(settings, host)).toBe(name);
  });

  it('tells the pods of one deployment apart', () => {
    const pods = ['x2k9q', 'b7v4m'].map((end) => `token-ledger-projector-6b8f9c7d54-${end}`);
    const names = pods.map((host) => nodeNameOf({ node: null }, host));
    expect(new Set(names).size).toBe(2);
    expect(names.every((name) => /^[a-z0-9]{1,24}$/.test(name))).toBe(true);
  });
});
