import { hashText } from '#lib/otlp';
import { attributeValues, HyperLogLog, valuesOfAll, type BlockVariant } from './index.js';

const values = (key: string, from: number, to: number) => {
  const sketch = new HyperLogLog(10);
  for (let i = from; i < to; i++) sketch.add(hashText(`${key}=${i}`));
  return { key, sketch: sketch.toText() };
};
const block = (attributes: BlockVariant['attributes']) => ({ attributes }) as BlockVariant;

describe('attribute values over blocks', () => {
  const blocks = [
    block([values('pid', 0, 20), values('state', 0, 2)]),
    block([values('pid', 10, 30)]),
    block([]),
  ];

  it('are united by key, so that a value of two hosts counts once', () => {
    const united = attributeValues(blocks)!;
    expect([...united.keys()]).toEqual(['pid', 'state']);
    expect([valuesOfAll(united, ['pid']), valuesOfAll(united, ['state'])]).toEqual([30, 2]);
  });

  it('of several keys together are pairs of key and value', () => {
    const united = attributeValues(blocks)!;
    // 30 and 2, within three standard errors of 3.3 %.
    expect(Math.abs(valuesOfAll(united, ['pid', 'state']) - 32)).toBeLessThanOrEqual(3);
    expect(valuesOfAll(united, ['pid', 'state'])).toBeGreaterThan(30);
    expect(valuesOfAll(united, ['nothing'])).toBe(0);
  });

  it('are absent where no minute ended, and in blocks of before they were kept', () => {
    expect(attributeValues([block([]), block(undefined)])).toBeNull();
    expect(attributeValues([])).toBeNull();
  });
});
