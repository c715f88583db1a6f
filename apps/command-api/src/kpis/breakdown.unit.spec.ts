import type { Block, BlockVariant } from '#lib/metering';
import { judgedBlocks, usableBlocks } from '../shared/views/blocks.js';
import { blockOf } from '../testing/blocks.js';
import { breakdownOf } from './breakdown.js';

const start = '2026-01-01T00:00:00.000Z';
const judged = (...blocks: Block[]) => usableBlocks(judgedBlocks(blocks, 'windowSeries'));
const of = (host: string) => blockOf(host, start, { baseline: 1000, candidate: 250 });

/** As an analyzer wrote it before services and attribute values were kept. */
function older(block: Block): Block {
  const without = (variant: BlockVariant | null) => {
    if (variant === null) return null;
    const { services: _services, namespaces: _namespaces, attributes: _attributes, ...rest } = variant;
    return rest;
  };
  return { ...block, baseline: without(block.baseline), candidate: without(block.candidate) };
}

describe('a breakdown', () => {
  it('of blocks that do not count what is asked is no data, never none', () => {
    const blocks = judged(older(of('h1')));
    for (const by of ['service', 'namespace'] as const) {
      expect(breakdownOf(blocks, { by }, 10)).toMatchObject({
        ...{ rows: [], unnamed: null, hosts: 0, window: null },
        reason: 'the agents of these hosts do not count it; newer ones do',
      });
    }
    expect(breakdownOf(blocks, { by: 'attribute' }, 10).reason).toMatch(/none has ended yet/);
    expect(breakdownOf(blocks, { by: 'metric' }, 10).reason).toBeNull();
  });

  it('counts the hosts that tell, and those alone', () => {
    const { hosts, rows } = breakdownOf(judged(older(of('h1')), of('h2')), { by: 'service' }, 10);
    expect(hosts).toBe(1);
    expect(rows[0]).toMatchObject({ name: 'cart', baseline: { pointsPerMinute: { value: 5000 } } });
  });

  it('has no more rows than asked for, and the values beyond them united in the rest', () => {
    const { names, rows, rest } = breakdownOf(judged(of('h1'), of('h2')), { by: 'attribute' }, 1);
    expect([names, rows.map(({ name }) => name)]).toEqual([2, ['process.pid']]);
    // The values of two hosts are the same ones.
    expect(rest).toMatchObject({ name: '(other)', baseline: { distinctValues: { value: 2 } } });
  });

  it('by host group adds up the hosts of a group', () => {
    const groupOf = (host: string) => (host === 'h3' ? undefined : 'shop');
    const dimension = { by: 'host-group', label: 'team', groupOf, formulaVersion: 'f/1' } as const;
    expect(breakdownOf(judged(of('h1'), of('h2'), of('h3')), dimension, 10)).toMatchObject({
      ...{ by: 'host-group', label: 'team', names: 1, hosts: 3 },
      rows: [{ name: 'shop', baseline: { series: { value: 2000 } }, reduction: { value: 0.75 } }],
      unnamed: { name: '(none)', baseline: { series: { value: 1000 } } },
    });
  });
});
