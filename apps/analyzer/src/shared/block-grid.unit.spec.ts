import fc from 'fast-check';
import { blockAt, blockSecondsFor, endOf, finalBlocks, gridOf, wholeBlocks } from './block-grid.js';

const at = (time: string): number => Date.parse(`2026-05-04T10:${time}Z`);

describe('the blocks of a measurement', () => {
  it.each([
    [60, 30],
    [599, 30],
    [600, 60],
    [3_599, 60],
    [3_600, 300],
    [86_400, 300],
  ])('of an experiment of at most %d s are %d s long', (maximum, seconds) => {
    expect(blockSecondsFor(maximum)).toBe(seconds);
  });

  it('begin with the first window that lies wholly in it', () => {
    expect(gridOf('2026-05-04T10:00:03.217Z', 90)).toEqual({ begin: at('00:10'), seconds: 30 });
    expect(gridOf('2026-05-04T10:00:10.000Z', 90).begin).toBe(at('00:10'));
  });

  it('may end with a shorter one, if that is at least half a block', () => {
    const grid = gridOf('2026-05-04T10:00:03.217Z', 90);
    expect(finalBlocks(grid, at('01:30')).map(({ seconds }) => seconds)).toEqual([30, 30, 20]);
    expect(finalBlocks(grid, at('01:20')).map(({ seconds }) => seconds)).toEqual([30, 30]);
    expect(finalBlocks(grid, at('00:20'))).toEqual([]);
  });

  it('cover the measurement without hole or overlap, and each time lies in the block that covers it', () => {
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.constantFrom(60, 900, 7_200),
        fc.nat(200),
        (offset, maximum, windows) => {
          const grid = gridOf(new Date(at('00:00') + offset).toISOString(), maximum);
          const end = grid.begin + windows * 10_000;
          const blocks = finalBlocks(grid, end);
          blocks.forEach((block, i) => {
            expect(block.start).toBe(i === 0 ? grid.begin : endOf(blocks[i - 1]!));
            expect(blockAt(grid, block.start)?.start).toBe(block.start);
            expect(blockAt(grid, endOf(block) - 1)?.start).toBe(block.start);
          });
          expect(end - (blocks.length === 0 ? grid.begin : endOf(blocks.at(-1)!))).toBeLessThan(
            grid.seconds * 1000,
          );
          expect(blocks.slice(0, wholeBlocks(grid, end).length)).toEqual(wholeBlocks(grid, end));
        },
      ),
    );
  });

  it('hold nothing from before it', () => {
    expect(blockAt(gridOf('2026-05-04T10:00:03.217Z', 90), at('00:05'))).toBeUndefined();
  });
});
