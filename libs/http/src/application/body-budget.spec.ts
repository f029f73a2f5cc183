import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { BodyBudget } from './body-budget.js';

const LIMIT = 256 * 1024;

function requestOf(headers: Record<string, string>): FastifyRequest {
  return { headers, raw: new EventEmitter(), routeOptions: { bodyLimit: LIMIT } } as never;
}

describe('BodyBudget', () => {
  it('takes large bodies up to its bound, and again when one has arrived or its client has gone', () => {
    const budget = new BodyBudget(250_000);
    const first = requestOf({ 'content-length': '100000' });
    expect([budget.admit(first), budget.admit(requestOf({ 'content-length': '100000' }))]).toEqual([true, true]);
    const third = () => budget.admit(requestOf({ 'content-length': '100000' }));
    expect([third(), budget.rejected, budget.underWayBytes]).toEqual([false, 1, 200_000]);
    first.raw.emit('close');
    expect([third(), budget.rejected, budget.underWayBytes]).toEqual([true, 1, 200_000]);
  });

  it('lets requests pass that have no body, or a small one, however full it is', () => {
    const budget = new BodyBudget(0);
    expect(budget.admit(requestOf({}))).toBe(true);
    expect(budget.admit(requestOf({ 'content-length': '16384' }))).toBe(true);
    expect(budget.admit(requestOf({ 'content-length': '16385' }))).toBe(false);
  });

  it('counts a body of unknown length as the most that it may become', () => {
    const budget = new BodyBudget(LIMIT);
    expect(budget.admit(requestOf({ 'transfer-encoding': 'chunked' }))).toBe(true);
    expect(budget.underWayBytes).toBe(LIMIT);
    expect(budget.admit(requestOf({ 'transfer-encoding': 'chunked' }))).toBe(false);
  });

  it('counts no more than the limit of a body that claims more, which is refused elsewhere', () => {
    const budget = new BodyBudget(LIMIT);
    expect(budget.admit(requestOf({ 'content-length': '999999999999' }))).toBe(true);
    expect(budget.underWayBytes).toBe(LIMIT);
  });
});
