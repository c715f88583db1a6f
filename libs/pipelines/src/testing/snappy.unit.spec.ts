import { unpackSnappy } from './snappy.js';

const block = (...bytes: readonly number[]): Buffer => Buffer.from(bytes);
const text = (letters: string): readonly number[] => [...Buffer.from(letters)];

describe('a Snappy block', () => {
  it('holds literals of any length', () => {
    expect(unpackSnappy(block(3, 2 << 2, ...text('abc'))).toString()).toBe('abc');
    const long = 'x'.repeat(300);
    expect(unpackSnappy(block(0xac, 2, 61 << 2, 43, 1, ...text(long))).toString()).toBe(long);
  });

  it('holds copies with offsets of each width, which may reach into themselves', () => {
    const ab = [1 << 2, ...text('ab')];
    expect(unpackSnappy(block(8, ...ab, (2 << 2) | 1, 2)).toString()).toBe('abababab');
    expect(unpackSnappy(block(5, ...ab, (2 << 2) | 2, 1, 0)).toString()).toBe('abbbb');
    expect(unpackSnappy(block(4, ...ab, (1 << 2) | 3, 2, 0, 0, 0)).toString()).toBe('abab');
  });

  it.each([
    ['cut off', block(3, 2 << 2, ...text('ab'))],
    ['shorter than it says', block(9, 2 << 2, ...text('abc'))],
    ['longer than it says', block(1, 2 << 2, ...text('abc'))],
    ['a copy of nothing', block(4, (0 << 2) | 1, 1)],
    ['a length without end', block(255, 255, 255, 255, 255)],
    ['nothing', block()],
  ])('is refused: %s', (_, broken) => {
    expect(() => unpackSnappy(broken)).toThrow(/Snappy/);
  });
});
