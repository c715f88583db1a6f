import fc from 'fast-check';
import { fold } from '../kernel/index.js';
import { play, refusalOf, unstorable } from '../testing/decider-properties.js';
import { AT } from '../testing/samples.js';
import type { PipelineContent } from '#lib/events';
import { contentHash, pipelineDecider, pipelineErrors, type PipelineCommand } from './index.js';

const create: PipelineCommand = { type: 'CreatePipeline', at: AT, name: 'top 20', description: '' };
const publishing = (content: PipelineContent): PipelineCommand => ({
  type: 'PublishPipelineVersion',
  at: AT,
  content,
});
const topk = (k: number): PipelineContent => ({ template: 'topk', parameters: { k } });
const publish = publishing(topk(20));
const deprecate: PipelineCommand = { type: 'DeprecatePipeline', at: AT, reason: 'replaced' };

const history = { absent: [], active: [create], deprecated: [create, deprecate] } as const;
const cells = [
  ['absent', create, 'active'],
  ['absent', publish, 'pipeline-not-found'],
  ['absent', deprecate, 'pipeline-not-found'],
  ['active', create, 'pipeline-already-exists'],
  ['active', publish, 'active'],
  ['active', deprecate, 'deprecated'],
  ['deprecated', create, 'pipeline-already-exists'],
  ['deprecated', publish, 'pipeline-deprecated'],
  ['deprecated', deprecate, 'deprecated'],
] as const;

describe('a catalogued pipeline', () => {
  test.each(cells)('in %s, %j gives %s', (phase, command, outcome) => {
    const { state } = play(pipelineDecider, history[phase]);
    expect(state.phase).toBe(phase);
    const refusal = refusalOf(pipelineDecider, command, state);
    const next = play(pipelineDecider, [...history[phase], command]).state.phase;
    expect(refusal ?? next).toBe(outcome);
  });

  test('numbers its versions from 1 and keeps each as it was published', () => {
    const contents: readonly PipelineContent[] = [
      topk(20),
      topk(5),
      { spec: { source: { kind: 'hostmetrics' } } },
      { yaml: 'receivers: {}' },
    ];
    const { state } = play(pipelineDecider, [create, ...contents.map(publishing)]);
    expect(state).toMatchObject({
      versions: contents.map((content, n) => ({
        version: n + 1,
        content,
        contentHash: contentHash(content),
      })),
    });
  });

  test('takes no version that says what the newest one says, and any that says something else', () => {
    fc.assert(
      fc.property(fc.array(anyContent(), { minLength: 1, maxLength: 8 }), (contents) => {
        const { events } = play(pipelineDecider, [create, ...contents.map(publishing)]);
        const hashes = contents.map(contentHash);
        const different = hashes.filter((hash, n) => n === 0 || hash !== hashes[n - 1]);
        expect(events.slice(1)).toMatchObject(
          different.map((hash, n) => ({
            type: 'PipelineVersionPublished',
            data: { version: n + 1, contentHash: hash },
          })),
        );
      }),
    );
  });

  test('an earlier content may come back as a new version', () => {
    const { state } = play(pipelineDecider, [create, publish, publishing(topk(5)), publish]);
    expect(state).toMatchObject({ versions: [{}, {}, { version: 3, content: topk(20) }] });
  });

  test('sees that a version stored without a hash is the same', () => {
    const before = { at: AT, version: 1, template: 'topk', parameters: { k: 20, rankBy: 'cpu' } };
    const state = fold(pipelineDecider, [
      { type: 'PipelineCreated', data: { at: AT, name: 'n', description: '' } },
      { type: 'PipelineVersionPublished', data: before },
    ]);
    const same = publishing({ template: 'topk', parameters: { rankBy: 'cpu', k: 20 } });
    expect(pipelineDecider.decide(same, state)).toEqual([]);
    expect(pipelineDecider.decide(publish, state)).toHaveLength(1);
  });

  test('tells two contents apart by what they say, not by the order of their keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (parameters) => {
        const turned = Object.fromEntries(Object.entries(parameters).reverse());
        const hash = contentHash({ template: 't', parameters });
        expect(contentHash({ template: 't', parameters: turned })).toBe(hash);
        expect(contentHash({ spec: parameters })).not.toBe(hash);
      }),
    );
  });

  test('says why it is deprecated', () => {
    expect(play(pipelineDecider, [create, deprecate]).state).toMatchObject({ deprecatedReason: 'replaced' });
  });

  test('is deprecated once only', () => {
    expect(play(pipelineDecider, [create, deprecate, deprecate]).events).toHaveLength(2);
  });

  test('no order of commands leaves the state machine, and the state is the fold of the events', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(create, publish, deprecate), anyContent().map(publishing))),
        (commands) => {
          const { state, events, refusals } = play(pipelineDecider, commands);
          expect(fold(pipelineDecider, events)).toEqual(state);
          expect(unstorable('pipeline', events)).toEqual([]);
          expect(refusals.filter((code) => !Object.hasOwn(pipelineErrors, code))).toEqual([]);
        },
      ),
    );
  });

  test('a damaged history is refused loudly', () => {
    expect(() =>
      pipelineDecider.evolve(
        { phase: 'absent' },
        { type: 'PipelineDeprecated', data: { at: AT, reason: '' } },
      ),
    ).toThrow(/first event/);
  });
});

/** Few values, so that equal ones follow each other. */
function anyContent(): fc.Arbitrary<PipelineContent> {
  return fc.oneof(
    fc.constantFrom(1, 2).map(topk),
    fc.constantFrom(1, 2).map((n) => ({ spec: { source: { intervalSeconds: n } } })),
    fc.constantFrom('a: 1', 'a: 2').map((yaml) => ({ yaml })),
  );
}
