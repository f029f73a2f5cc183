import { BlockList } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ipInCidrs, isCidr } from './cidr.js';

const byte = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.array(byte, { minLength: 4, maxLength: 4 }).map((bytes) => bytes.join('.'));
/** Few different groups, so that addresses fall into blocks often enough. */
const group = fc.oneof(
  fc.constantFrom('0', '1', 'ffff', '2001', 'db8'),
  byte.map((value) => value.toString(16)),
);
const ipv6 = fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':'));

describe('ipInCidrs', () => {
  it('agrees with the block list of Node for IPv4', () => {
    fc.assert(
      fc.property(ipv4, ipv4, fc.integer({ min: 0, max: 32 }), (ip, network, bits) => {
        const list = new BlockList();
        list.addSubnet(network, bits, 'ipv4');
        expect(ipInCidrs(ip, [`${network}/${bits}`])).toBe(list.check(ip, 'ipv4'));
      }),
    );
  });

  it('agrees with the block list of Node for IPv6', () => {
    fc.assert(
      fc.property(ipv6, ipv6, fc.integer({ min: 0, max: 128 }), (ip, network, bits) => {
        const list = new BlockList();
        list.addSubnet(network, bits, 'ipv6');
        expect(ipInCidrs(ip, [`${network}/${bits}`])).toBe(list.check(ip, 'ipv6'));
      }),
    );
  });

  it.each([
    ['203.0.113.7', ['203.0.113.0/24'], true],
    ['203.0.114.7', ['203.0.113.0/24'], false],
    ['203.0.113.7', ['203.0.113.7'], true],
    ['203.0.113.8', ['203.0.113.7'], false],
    ['10.1.2.3', ['192.0.2.0/24', '10.0.0.1/8'], true],
    ['8.8.8.8', ['0.0.0.0/0'], true],
    ['2001:db8::1', ['2001:db8::/32'], true],
    ['2001:DB8:0:0:0:0:0:1', ['2001:db8::1'], true],
    ['fe80::1%eth0', ['fe80::/10'], true],
    ['::ffff:192.0.2.1', ['192.0.2.0/24'], true],
    ['::ffff:c000:201', ['192.0.2.1'], true],
    ['192.0.2.1', ['::ffff:192.0.2.0/120'], true],
    ['192.0.2.1', ['::/0'], false],
    ['2001:db8::1', ['0.0.0.0/0'], false],
    ['not an address', ['0.0.0.0/0', '::/0'], false],
    ['', ['::/0'], false],
    ['203.0.113.7', [], false],
  ])('finds %s in %j: %s', (ip, cidrs, expected) => {
    expect(ipInCidrs(ip, cidrs)).toBe(expected);
  });
});

describe('isCidr', () => {
  it.each([
    '203.0.113.7',
    '203.0.113.0/24',
    '0.0.0.0/0',
    '::',
    '::1',
    '2001:db8::/32',
    '1:2:3:4:5:6:7:8',
    '1::8',
    '::ffff:1.2.3.4',
    '1:2:3:4:5:6:7::',
  ])('takes %s', (text) => expect(isCidr(text)).toBe(true));

  it.each([
    '',
    '203.0.113',
    '203.0.113.256',
    '203.0.113.07',
    '203.0.113.0/33',
    '203.0.113.0/',
    '203.0.113.0/24/8',
    '203.0.113.0/-1',
    '203.0.113.0/ 8',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    '2001:db8::/129',
    '1.2.3.4::',
    'fe80::1%eth0',
    'localhost',
  ])('refuses %j', (text) => expect(isCidr(text)).toBe(false));
});
