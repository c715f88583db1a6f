/** Where the interpreter and the rendering of the same processor part, and why. */
export type KnownDifference = {
  readonly where: string;
  readonly collector: string;
  readonly interpreter: string;
  readonly reason: string;
};

/** All that is known; `docs/pipelines/differences.md` is printed from it. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    where: 'memoryLimiter, batch',
    collector: 'Data is refused under memory pressure and leaves in batches.',
    interpreter: 'Nothing is refused, and each request leaves at once.',
    reason: 'Both decide when data leaves, not what leaves.',
  },
  {
    where: 'cumulativeToDelta, mergeProcesses',
    collector:
      'Silent series are forgotten by the wall clock, between ten and twenty minutes after their last point.',
    interpreter:
      'Silent series are forgotten ten minutes after their last point, by the times of the points.',
    reason: 'The interpreter has no clock, so that the same requests always give the same output.',
  },
  {
    where: 'aggregateAttributes',
    collector: 'Histograms with equal bounds but unequal numbers of buckets break the request they come in.',
    interpreter: 'Buckets that are missing count as empty.',
    reason: 'The stock component reads past the end of the shorter one; the protocol forbids such points.',
  },
  {
    where: 'aggregateAttributes',
    collector: 'Among integers, a double too large for one becomes what the processor makes of it.',
    interpreter: 'It becomes the least integer, as on amd64.',
    reason:
      'The conversion is not defined by the language of the collector; arm64 gives the nearest integer.',
  },
  {
    where: 'interval',
    collector:
      'Intervals are those of a clock that begins with the collector; what is held leaves at their end, as a request of its own, and is lost when the collector ends.',
    interpreter:
      'Intervals are counted from the start by the times of the points; what is held leaves with the first request of the next one.',
    reason: 'The interpreter has no clock, so that the same requests always give the same output.',
  },
  {
    where: 'interval',
    collector: 'A metric of no type passes, and its request is answered with an error.',
    interpreter: 'It passes.',
    reason: 'No receiver sends such metrics, and the answer changes no data.',
  },
  {
    where: 'resourceDetection',
    collector:
      'An agent puts what it knows of its host into the configuration. A collector without an agent, as in an export, asks for itself when it starts, and names the schema of what it found.',
    interpreter: 'What is known of the host is given; without it nothing is added.',
    reason:
      'The interpreter asks nothing of the machine it runs on, and previews are of no single host. What an agent renders is compared; the stock component, which the pinned collector lacks, is not.',
  },
  {
    where: 'summaries',
    collector: 'A negative zero leaves as zero.',
    interpreter: 'It stays what it was.',
    reason: 'The encoder leaves out what equals the default of the protocol.',
  },
];

/** The page about them, in Markdown. */
export function differencesPage(): string {
  const rows = knownDifferences.map(
    ({ where, collector, interpreter, reason }) => `| ${where} | ${collector} | ${interpreter} | ${reason} |`,
  );
  return [
    '# Interpreter and collector',
    '',
    'Printed from `libs/pipelines/src/interpreter/known-differences.ts`. Apart from what stands here, the interpreter emits what the real collector emits for the rendering of the same specification. The conformance suites feed both the same requests, of every metric type, and compare every field of every point.',
    '',
    '| where | collector | interpreter | why |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
