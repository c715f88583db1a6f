import fc from 'fast-check';
import { verdictSchema, type ExperimentSpec, type Guardrail } from '#lib/events';
import { MEASURED_FROM, blockOf, variantOf } from '../testing/evidence.js';
import { normal, seeded } from '../testing/random.js';
import { hostId, spec as sample } from '../testing/samples.js';
import { giveVerdict, kpisOf, type EvidenceBlock } from './index.js';

const spec: ExperimentSpec = { ...sample, guardrails: [] };
const h1 = hostId('h1');
const judge = (blocks: readonly EvidenceBlock[], change: Partial<ExperimentSpec> = {}, hosts = [h1]) =>
  giveVerdict({ ...spec, ...change }, { blocks, hosts, measuredFrom: MEASURED_FROM });
const steady = (count: number, ratio: number, change: Partial<EvidenceBlock> = {}) =>
  Array.from({ length: count }, (_, i) => blockOf(i, ratio + 0.01 * (i % 2), change));
const many = (hosts: number, blocks: number, ratio: number) =>
  Array.from({ length: hosts }, (_, h) => steady(blocks, ratio + 0.001 * h, { host: `h${h}` })).flat();
const idsOf = (hosts: number) => Array.from({ length: hosts }, (_, h) => hostId(`h${h}`));

describe('a short run on one host', () => {
  const verdict = judge(steady(9, 0.29));

  test('promotes when every block reaches the criterion, with a range and without a confidence interval', () => {
    expect(verdict).toMatchObject({
      decision: 'promote',
      scope: { hosts: 'this host only', time: 'this period only' },
      reduction: { unit: 'share of baseline', interval: { kind: 'range', blocks: 9 } },
      evidence: { blocks: 9, windows: 54, gapSeconds: 0, watermark: '2026-05-04T10:09:00.000Z' },
    });
    expect(verdict.reason).toContain('70.6 % fewer active series (range over 9 blocks 70.0 % to 71.0 %');
    expect(verdict.reason).toContain('not a confidence interval; this host only, this period only');
    expect(verdictSchema.parse(verdict)).toEqual(verdict);
  });

  test('keeps the baseline when no block reaches the criterion', () => {
    expect(judge(steady(9, 0.9)).decision).toBe('keep-baseline');
    expect(judge(steady(9, 1.5)).reason).toContain('more active series');
  });

  test('reaches a criterion that it meets exactly', () => {
    expect(judge(Array.from({ length: 3 }, (_, i) => blockOf(i, 0.7))).decision).toBe('promote');
  });

  test('decides nothing when the blocks disagree', () => {
    expect(judge([blockOf(0, 0.5), blockOf(1, 0.8)]).decision).toBe('inconclusive');
  });

  test('lets the error of a sketch speak for neither side', () => {
    const uncertain = (standardError: number) =>
      judge([blockOf(0, 1, { candidate: variantOf(690, { activeSeries: { value: 690, standardError } }) })]);
    expect(uncertain(0).decision).toBe('promote');
    expect(uncertain(0.02).decision).toBe('inconclusive');
  });
});

describe('how far the evidence reaches', () => {
  test('ten hosts carry a claim across hosts, with a confidence interval', () => {
    const verdict = judge(many(10, 3, 0.4), {}, idsOf(10));
    expect(verdict).toMatchObject({
      decision: 'promote',
      scope: { hosts: 'across hosts', time: 'this period only' },
      reduction: { interval: { kind: 'confidence', level: 0.95 } },
    });
  });

  test('nine hosts carry none', () => {
    expect(judge(many(9, 3, 0.4), {}, idsOf(9)).scope).toEqual({
      hosts: 'these hosts only',
      time: 'this period only',
    });
  });

  test('a hundred independent blocks carry a claim over time', () => {
    const gauss = normal(seeded(1));
    const blocks = Array.from({ length: 100 }, (_, i) => blockOf(i, 0.4 * Math.exp(0.02 * gauss())));
    expect(judge(blocks)).toMatchObject({
      decision: 'promote',
      scope: { hosts: 'this host only', time: 'over time' },
      reduction: { interval: { kind: 'confidence' } },
    });
  });

  test('an interval across the criterion decides nothing, and one below it keeps the baseline', () => {
    const spread = idsOf(10).flatMap((host, h) => steady(3, 0.5 + 0.045 * h, { host }));
    expect(judge(spread, {}, idsOf(10)).decision).toBe('inconclusive');
    expect(judge(many(10, 3, 0.9), {}, idsOf(10)).decision).toBe('keep-baseline');
  });

  test('each host counts the same however long it was watched', () => {
    const blocks = [...steady(8, 0.2, { host: 'h0' }), blockOf(0, 0.8, { host: 'h1' })];
    const { reduction } = judge(blocks, {}, idsOf(2));
    const geometric = 1 - Math.sqrt(Math.sqrt(0.2 * 0.21) * 0.8);
    expect(reduction).toHaveProperty('value');
    expect((reduction as { value: number }).value).toBeCloseTo(geometric, 10);
  });
});

describe('health comes before any figure', () => {
  const good = steady(9, 0.3);
  const failing: readonly (readonly [string, readonly EvidenceBlock[]])[] = [
    ['both variants report', []],
    [
      'both variants report',
      [...good, blockOf(9, 0.3, { candidate: null }), blockOf(10, 0.3, { candidate: null })],
    ],
    ['series exported', [...good, blockOf(9, 0)]],
    ['series exported', [...good, blockOf(9, 1, { candidate: variantOf(1, { activeSeries: null }) })]],
    [
      'configuration',
      [...good, blockOf(9, 1, { candidate: variantOf(300, { configurationIsOrdered: false }) })],
    ],
    ['warm-up over', [...good, blockOf(-1, 0.3)]],
    ['clock', [...good, blockOf(9, 0.3, { clockOffsetMs: -6000 })]],
    ['clock', [...good, blockOf(8, 0.31)]],
    ['series identity', [...good, blockOf(9, 0.3, { identityVersions: [2] })]],
    ['gaps', good.map((block) => ({ ...block, candidate: variantOf(300, { gapSeconds: 20 }) }))],
    [
      'losses',
      good.map((block) => ({
        ...block,
        candidate: variantOf(300, { use: { ...block.candidate!.use!, failed: 500 } }),
      })),
    ],
  ];

  test.each(failing)('%s', (name, blocks) => {
    const verdict = judge(blocks);
    expect(verdict.decision).toBe('invalid');
    expect(verdict.reduction).toMatchObject({ noData: true });
    expect(verdict.health.filter(({ passed }) => !passed).map((check) => check.name)).toContain(name);
    expect(verdict.reason).toContain(name);
  });

  test('names the expected hosts that never reported', () => {
    expect(judge(good, {}, [h1, hostId('h7')]).reason).toContain('no usable block from h7');
  });

  test('a short outage of the candidate is left out and stated, not counted as a saving', () => {
    const verdict = judge([...steady(19, 0.5), blockOf(19, 0.5, { candidate: null })]);
    expect(verdict).toMatchObject({ decision: 'promote', reduction: { interval: { blocks: 19 } } });
    expect(verdict.evidence).toMatchObject({ blocks: 20, gapSeconds: 60 });
  });
});

describe('guardrails', () => {
  const guarded = (guardrail: Guardrail, candidate: Parameters<typeof variantOf>[1]) =>
    judge([blockOf(0, 1, { candidate: variantOf(300, candidate) })], {
      guardrails: [guardrail],
      criticalProcesses: guardrail.kpi === 'criticalCoverage' ? ['nginx', 'postgres', 'redis'] : [],
    });
  const use = { sampledSeconds: 60, cpuSeconds: 0.9, rssP95Bytes: 99e6, refused: 0, failed: 0 };

  test('coverage is weighted by CPU and memory, and the lost are named', () => {
    const lost = { executables: ['nginx', 'postgres'] };
    expect(guarded({ kpi: 'processCoverage', margin: 0.05 }, lost).decision).toBe('promote');
    const strict = guarded({ kpi: 'processCoverage', margin: 0.01 }, lost);
    expect(strict.decision).toBe('keep-baseline');
    expect(strict.guardrails[0]?.detail).toContain('95.0 % of the weighted executables');
    expect(strict.guardrails[0]?.detail).toContain('lost: cron');
  });

  test('a critical process may not be missing in any block', () => {
    const verdict = guarded({ kpi: 'criticalCoverage', margin: 0 }, { executables: ['nginx', 'cron'] });
    expect(verdict.decision).toBe('keep-baseline');
    expect(verdict.guardrails[0]?.detail).toBe(
      '1 of 2 critical processes in every block of both variants; missing in the candidate: postgres; not in the baseline: redis',
    );
  });

  test('critical processes are guarded without being asked for', () => {
    const verdict = judge([blockOf(0, 1, { candidate: variantOf(300, { executables: [] }) })]);
    expect(verdict.guardrails).toMatchObject([{ name: 'criticalCoverage', passed: false }]);
  });

  test.each([
    ['collectorCpu', 0.5, 'promote', '+50.0 %'],
    ['collectorCpu', 0.4, 'keep-baseline', '+50.0 %'],
    ['collectorMemory', 0.11, 'promote', '+10.0 %'],
    ['collectorMemory', 0.05, 'keep-baseline', '+10.0 %'],
  ] as const)('%s with a margin of %d: %s', (kpi, margin, decision, change) => {
    const verdict = guarded({ kpi, margin }, { use });
    expect(verdict.decision).toBe(decision);
    expect(verdict.guardrails[0]?.detail).toContain(change);
  });

  test('what could not be measured keeps the verdict from promoting', () => {
    expect(guarded({ kpi: 'collectorCpu', margin: 1 }, { use: null }).decision).toBe('inconclusive');
    const blind = judge([blockOf(0, 0.3, { baseline: variantOf(1000, { executables: [] }) })], {
      guardrails: [{ kpi: 'processCoverage', margin: 0.5 }],
    });
    expect(blind.decision).toBe('inconclusive');
    expect(blind.guardrails.map(({ detail }) => detail)).toEqual([
      'no data: no block shows an executable',
      'no data: none of the critical processes ran; not in the baseline: nginx, postgres',
    ]);
  });
});

describe('the same blocks', () => {
  test('give the same verdict bit for bit in any order', () => {
    const gauss = normal(seeded(11));
    const blocks = idsOf(12).flatMap((host) =>
      Array.from({ length: 8 }, (_, i) => blockOf(i, 0.4 * Math.exp(0.1 * gauss()), { host })),
    );
    const expected = JSON.stringify(judge(blocks, {}, idsOf(12)));
    fc.assert(
      fc.property(fc.shuffledSubarray(blocks, { minLength: blocks.length }), (shuffled) => {
        expect(JSON.stringify(judge(shuffled, {}, idsOf(12)))).toBe(expected);
      }),
      { numRuns: 30 },
    );
  });

  test('have the same digest after a trip through JSON with other key orders, other blocks another', () => {
    const digest = (blocks: readonly EvidenceBlock[]) => judge(blocks).evidence.blocksDigest;
    const blocks = steady(3, 0.3);
    const reordered = blocks.map((block) =>
      Object.fromEntries(Object.entries(JSON.parse(JSON.stringify(block)) as EvidenceBlock).reverse()),
    ) as unknown as EvidenceBlock[];
    expect(digest(reordered)).toBe(digest(blocks));
    expect(digest(blocks.slice(1))).not.toBe(digest(blocks));
    expect(digest([])).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('the figures of an experiment', () => {
  test('carry unit, window and formula', () => {
    const kpis = kpisOf(spec, [...steady(2, 0.3, { host: 'h0' }), ...steady(2, 0.3)]);
    expect(kpis.baseline).toMatchObject({
      activeSeries: {
        value: 2000,
        unit: 'series',
        formulaVersion: 'active-series-block-mean/1',
        window: { from: '2026-05-04T10:00:00.000Z', to: '2026-05-04T10:02:00.000Z' },
      },
      pointsPerMinute: { value: 12_000 },
      collectorCpu: { value: 0.01, unit: 'cores' },
      collectorMemory: { value: 90e6 },
    });
    expect(kpis).toMatchObject({
      reduction: { unit: 'share of baseline' },
      processCoverage: { value: 1 },
      criticalCoverage: { value: 1 },
    });
  });

  test('name the critical processes that are missing', () => {
    const lost = blockOf(0, 1, { candidate: variantOf(300, { executables: ['nginx'] }) });
    expect(kpisOf(spec, [lost]).criticalCoverage).toMatchObject({ value: 0.5, note: 'missing: postgres' });
    const named = (...names: string[]) => kpisOf({ ...spec, criticalProcesses: names }, [lost]);
    expect(named('nginx', 'postgres', 'redis').criticalProcesses).toEqual({
      inBoth: ['nginx'],
      lost: ['postgres'],
      neverSeen: ['redis'],
    });
    expect(named().criticalCoverage).toEqual({ noData: true, reason: 'no process is named as critical' });
    expect(named('redis').criticalCoverage).toEqual({
      noData: true,
      reason: 'no critical process was seen',
    });
  });

  test('are absent without evidence', () => {
    const kpis = kpisOf(spec, []);
    const figures = [kpis.reduction, kpis.baseline.activeSeries, kpis.candidate.collectorCpu];
    for (const one of figures) expect(one).toMatchObject({ noData: true });
    const unsampled = blockOf(0, 1, { candidate: variantOf(300, { use: null }) });
    const reason = 'the collectors could not be sampled';
    expect(kpisOf(spec, [unsampled]).candidate).toMatchObject({
      collectorCpu: { noData: true, reason },
      collectorMemory: { noData: true, reason },
    });
    const nameless = { baseline: variantOf(1000, { executables: [] }) };
    expect(kpisOf(spec, [blockOf(0, 1, nameless)]).processCoverage).toEqual({
      noData: true,
      reason: 'no block shows an executable',
    });
  });
});
