import { describe, expect, it } from '@jest/globals';
import { appendOf } from '../testing/log-under-test.js';
import { waitingRequest, type WaitingRequest } from '../waiting-request.js';
import { takeFlush } from './waiting-flush.js';

const to = (...streams: string[]): WaitingRequest =>
  waitingRequest({ streams: streams.map((stream) => appendOf(stream, 'any')) }, () => undefined);

const isSecurity = ({ appends }: WaitingRequest) => appends.some(({ category }) => category === 'security');
const isOpen = (request: WaitingRequest) => !isSecurity(request);
const choice = { busy: new Set<string>(), requestsMax: 10, sizeMax: Infinity };

describe('what a flush takes of the requests that wait', () => {
  it('is those of its kind, past the others, in their order', () => {
    const [one, token, two, other] = [to('account-1'), to('token-1'), to('account-2'), to('token-2')];
    const waiting = [one, token, two, other];
    expect(takeFlush(waiting, { ...choice, isWanted: isOpen })).toEqual([one, two]);
    expect(waiting).toEqual([token, other]);
  });

  it('leaves what may build on a request that is left before it, and what may build on that', () => {
    const [both, onIt, onThat, free] = [
      to('token-1', 'account-1'),
      to('account-1', 'account-2'),
      to('account-2'),
      to('account-3'),
    ];
    const waiting = [both, onIt, onThat, free];
    expect(takeFlush(waiting, { ...choice, isWanted: isOpen })).toEqual([free]);
    expect(waiting).toEqual([both, onIt, onThat]);
  });

  it('leaves what may build on a flush that is under way', () => {
    const [onIt, free] = [to('account-1'), to('account-2')];
    const waiting = [onIt, free];
    expect(takeFlush(waiting, { ...choice, busy: new Set(['account-1']), isWanted: isOpen })).toEqual([free]);
    expect(waiting).toEqual([onIt]);
  });

  it('ends at the limit of requests, and before the one that is too large beside the others', () => {
    const requests = [to('account-1'), to('account-2'), to('account-3')];
    const [first, second, third] = requests;
    const byCount = [...requests];
    expect(takeFlush(byCount, { ...choice, requestsMax: 2, isWanted: isOpen })).toEqual([first, second]);
    expect(byCount).toEqual([third]);
    const bySize = [...requests];
    expect(takeFlush(bySize, { ...choice, sizeMax: 1, isWanted: isOpen })).toEqual([first]);
    expect(bySize).toEqual([second, third]);
  });
});
