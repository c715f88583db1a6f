import { validateSpec, type Processor } from '../index.js';
import { processPipeline } from '../templates/common.js';

const findings = (...processors: readonly Processor[]): readonly string[] =>
  validateSpec(processPipeline(10, processors)).map(
    ({ rule, severity, path }) => `${severity} ${rule} ${path}`,
  );
const removal = (
  kind: 'dropAttributes' | 'keepAttributes',
  on: 'point' | 'resource',
  ...names: readonly string[]
): Processor => ({ kind, on, attributes: { names, patterns: [] } });
const merge: Processor = { kind: 'mergeProcesses', by: 'executable', keep: [] };
const classes: Processor = {
  ...{ kind: 'classifyProcesses', attribute: 'tier', builtIn: true, otherwise: 'low', classes: [] },
};
const aggregate = (metrics?: readonly string[]): Processor => ({
  kind: 'aggregateAttributes',
  away: { names: ['state'], patterns: [] },
  gauges: 'mean',
  ...(metrics && { metrics: { names: metrics, patterns: [] } }),
});
const prometheus = {
  ...{ kind: 'prometheus', intervalSeconds: 10, targets: ['127.0.0.1:9100'] },
  ...{ scheme: 'http', path: '/metrics', sampleLimit: 1000 },
};
/** Of a pipeline that takes in something else than processes. */
const collisionsOf = (source: unknown, ...processors: readonly unknown[]): readonly string[] =>
  validateSpec({ source, processors, destination: { ref: 'default' } })
    .filter(({ rule }) => rule === 'series-may-collide' || rule === 'schema')
    .map(({ rule, severity, path }) => `${severity} ${rule} ${path}`);
const collides = (place: number): readonly string[] => [
  `warning series-may-collide processors.${place}.attributes`,
];

describe('attributes that are taken away', () => {
  it('warn where they tell series apart', () => {
    expect(findings(removal('dropAttributes', 'point', 'state'))).toEqual(collides(1));
    expect(findings(removal('keepAttributes', 'point', 'state'))).toEqual(collides(1));
    expect(findings(removal('dropAttributes', 'resource', 'process.pid'))).toEqual(collides(1));
    expect(findings(removal('keepAttributes', 'resource', 'process.pid'))).toEqual(collides(1));
    const byPattern: Processor = {
      kind: 'dropAttributes',
      on: 'resource',
      attributes: { names: [], patterns: ['\\.id$'] },
    };
    expect(findings(byPattern)).toEqual(collides(1));
  });

  it('do not where others still tell them apart', () => {
    expect(findings(removal('dropAttributes', 'resource', 'process.command_line', 'process.owner'))).toEqual(
      [],
    );
    expect(findings(removal('keepAttributes', 'resource', 'process.pid', 'host.id'))).toEqual([]);
    expect(findings(removal('keepAttributes', 'point', 'state', 'direction'))).toEqual([]);
  });

  it('warn where they tell the series of another scraper apart, once that is asked', () => {
    const device = removal('dropAttributes', 'point', 'device');
    expect(findings(device)).toEqual([]);
    const system = { kind: 'hostmetrics', intervalSeconds: 10, system: { disk: {} } } as const;
    expect(collisionsOf(system, device)).toEqual(collides(0));
  });

  it.each([{ kind: 'otlp' }, prometheus])(
    'warn whatever they are where nobody knows which of them tell series apart: %j',
    (source) => {
      expect(collisionsOf(source, removal('dropAttributes', 'point', 'http.route'))).toEqual(collides(0));
      expect(collisionsOf(source, removal('keepAttributes', 'point', 'http.route'))).toEqual(collides(0));
      const pattern = { kind: 'dropAttributes', on: 'point', attributes: { names: [], patterns: ['^x'] } };
      expect(collisionsOf(source, pattern)).toEqual(collides(0));
      expect(collisionsOf(source, removal('dropAttributes', 'resource', 'service.instance.id'))).toEqual(
        collides(0),
      );
      expect(collisionsOf(source, removal('dropAttributes', 'resource', 'telemetry.sdk.version'))).toEqual(
        [],
      );
      expect(collisionsOf(source, removal('dropAttributes', 'point', 'http.route'), aggregate())).toEqual([]);
    },
  );

  it('warn after a merging, which has taken the pid away', () => {
    expect(findings(merge, removal('dropAttributes', 'resource', 'process.executable.name'))).toEqual(
      collides(2),
    );
    expect(findings(merge, removal('keepAttributes', 'resource', 'process.pid', 'host.id'))).toEqual(
      collides(2),
    );
    const byClass: Processor = { ...merge, by: 'class' };
    expect(findings(byClass, removal('dropAttributes', 'resource', 'process.class'))).toEqual(collides(2));
    expect(findings(classes, byClass, removal('dropAttributes', 'resource', 'tier'))).toEqual(collides(3));
  });

  it('do not after a merging that is told apart by what stays', () => {
    const byClass: Processor = { ...merge, by: 'class' };
    const kept = ['process.pid', 'host.id', 'process.class', 'tier'];
    expect(findings(classes, byClass, removal('keepAttributes', 'resource', ...kept))).toEqual([]);
    expect(findings(merge, removal('dropAttributes', 'resource', 'process.class'))).toEqual([]);
  });

  it('do not where points that meet are aggregated, of every metric', () => {
    expect(findings(removal('dropAttributes', 'point', 'state'), aggregate())).toEqual([]);
    expect(findings(removal('dropAttributes', 'point', 'state'), aggregate(['process.cpu.time']))).toEqual(
      collides(1),
    );
  });
});

describe('reductions of processes', () => {
  it('are warned about where they leave nothing to classify', () => {
    const late = (place: number) => [`warning classified-after-merging processors.${place}`];
    const topK: Processor = {
      ...{ kind: 'keepTopK', k: 1, rankBy: 'cpu', marginPercent: 0, minSecondsBetweenSwaps: 0 },
    };
    expect(findings(merge, classes)).toEqual(late(2));
    expect(findings({ ...topK, others: 'class' }, classes)).toEqual(late(2));
    expect(findings(topK, classes)).toEqual([]);
    expect(findings(classes, merge)).toEqual([]);
  });

  const rename: Processor = { kind: 'renameMetrics', renames: [{ from: 'process.cpu.time', to: 'cpu' }] };

  it('stand before what changes the names that they go by', () => {
    expect(findings(rename, merge)).toEqual(['error reduction-after-change processors.2']);
    expect(findings(removal('dropAttributes', 'resource', 'process.owner'), merge)).toEqual([
      'error reduction-after-change processors.2',
    ]);
    expect(findings(merge, rename)).toEqual([]);
  });

  it('may stand after what only leaves out', () => {
    const drop: Processor = { kind: 'dropMetrics', metrics: { names: ['process.threads'], patterns: [] } };
    expect(findings(drop, aggregate(), merge)).toEqual([]);
  });
});

describe('renamings', () => {
  it.each([
    [
      [
        { from: 'a', to: 'b' },
        { from: 'b', to: 'c' },
      ],
    ],
    [
      [
        { from: 'a', to: 'c' },
        { from: 'b', to: 'c' },
      ],
    ],
    [
      [
        { from: 'a', to: 'b' },
        { from: 'a', to: 'c' },
      ],
    ],
    [[{ from: 'a', to: 'a' }]],
    [[]],
  ])('are refused where the outcome hangs on their order or names meet: %j', (renames) => {
    expect(findings({ kind: 'renameMetrics', renames })).toEqual(['error schema processors.1.renames']);
  });
});
