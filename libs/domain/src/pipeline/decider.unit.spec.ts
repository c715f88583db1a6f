import fc from 'fast-check';
import { fold } from '../kernel/index.js';
import { play, refusalOf, unstorable } from '../testing/decider-properties.js';
import { AT } from '../testing/samples.js';
import { pipelineDecider, pipelineErrors, type PipelineCommand } from './index.js';

const create: PipelineCommand = { type: 'CreatePipeline', at: AT, name: 'top 20', description: '' };
const publish: PipelineCommand = {
  type: 'PublishPipelineVersion',
  at: AT,
  template: 'topk',
  parameters: { k: 20 },
};
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
    const { state } = play(pipelineDecider, [create, publish, { ...publish, parameters: { k: 5 } }]);
    expect(state).toMatchObject({
      versions: [
        { version: 1, template: 'topk', parameters: { k: 20 } },
        { version: 2, template: 'topk', parameters: { k: 5 } },
      ],
    });
  });

  test('is deprecated once only', () => {
    expect(play(pipelineDecider, [create, deprecate, deprecate]).events).toHaveLength(2);
  });

  test('no order of commands leaves the state machine, and the state is the fold of the events', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(create, publish, deprecate)), (commands) => {
        const { state, events, refusals } = play(pipelineDecider, commands);
        expect(fold(pipelineDecider, events)).toEqual(state);
        expect(unstorable('pipeline', events)).toEqual([]);
        expect(refusals.filter((code) => !Object.hasOwn(pipelineErrors, code))).toEqual([]);
      }),
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
