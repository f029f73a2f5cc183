import { describe, expect, it } from '@jest/globals';
import { WritersTurn } from './writers-turn.js';

/** Of a turn that began and ended at these instants, asked at `at`. */
const wayMs = (turn: WritersTurn, [began, ended, at]: readonly [number, number, number]): number => {
  turn.begin(began);
  turn.end(ended);
  return turn.wayMs(at);
};

describe('the turns of processes that write to one stream', () => {
  it('come at once for a process that writes alone', () => {
    expect(wayMs(new WritersTurn(), [100, 110, 110])).toBe(0);
  });

  it('leave others twice the time after a turn that it took, less what has gone by', () => {
    const turn = new WritersTurn();
    turn.noticeRival(90);
    expect(wayMs(turn, [100, 110, 110])).toBe(20);
    expect(wayMs(turn, [100, 110, 116])).toBe(14);
    expect(wayMs(turn, [100, 110, 130])).toBe(0);
  });

  it('leave no more than a moment after a turn that met a stall', () => {
    const turn = new WritersTurn();
    turn.noticeRival(90);
    expect(wayMs(turn, [100, 800, 800])).toBe(100);
  });

  it('come at once after the turn of another, and when no other has written for a while', () => {
    const turn = new WritersTurn();
    turn.noticeRival(90);
    expect(wayMs(turn, [1_080, 1_090, 1_090])).toBe(0);
    turn.noticeRival(1_100);
    expect(wayMs(turn, [1_110, 1_120, 1_120])).toBe(20);
    turn.noticeRival(1_121);
    expect(turn.wayMs(1_121)).toBe(0);
  });
});
