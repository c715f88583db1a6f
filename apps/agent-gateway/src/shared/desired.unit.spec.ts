import { limitsOf } from '#lib/agent-protocol';
import { isStarted, experimentDecider, type StartedExperiment } from '#lib/domain';
import { fold } from '#lib/domain-kernel';
import type { EventsOf, ExperimentSpec, HostId } from '#lib/events';
import { instantiateTemplate, PipelineError } from '#lib/pipelines';
import { desiredStateOf } from './desired.js';

const at = '2026-01-01T00:00:00.000Z';
const host = { id: 'h1' as HostId, labels: {} };
const spec: ExperimentSpec = {
  name: 'Top 20',
  baseline: { kind: 'template', template: 'baseline', parameters: {} },
  candidate: { kind: 'template', template: 'topk', parameters: { k: 20 } },
  targets: { hosts: [host.id] },
  schedule: { warmupSeconds: 20, minimumSeconds: 60, maximumSeconds: 90, deploySeconds: 60 },
  criticalProcesses: [],
  guardrails: [],
  success: { kpi: 'activeSeries', minimumReduction: 0.2 },
  confidence: 0.95,
  tariff: 'grafana-cloud-pro',
};
const started: Extract<EventsOf<'experiment'>, { type: 'ExperimentStarted' }> = {
  type: 'ExperimentStarted',
  data: {
    ...{ at, spec, hosts: [host.id] },
    baseline: { template: 'baseline', parameters: {} },
    candidate: { template: 'topk', parameters: { k: 20 } },
  },
};
const warmup: EventsOf<'experiment'> = { type: 'ExperimentWarmupBegan', data: { at } };

function after(...events: readonly EventsOf<'experiment'>[]): StartedExperiment {
  const state = fold(experimentDecider, [{ type: 'ExperimentDrafted', data: { at, spec } }, ...events]);
  if (!isStarted(state)) throw new TypeError('not started');
  return state;
}
const contentOf = (state: StartedExperiment) => desiredStateOf('e1', state, host).content;

describe('what a host is to run', () => {
  const stops = (mode: 'graceful' | 'instant') =>
    ({
      pause: { type: 'ExperimentPaused', data: { at, reason: '', mode } },
      stop: { type: 'ExperimentStopRequested', data: { at, reason: '', mode } },
      rollback: {
        type: 'RollbackRequested',
        data: { at, aggregate: 'experiment', mode, requestedBy: 'user', reason: '', target: 'baseline' },
      },
    }) as const satisfies Record<string, EventsOf<'experiment'>>;

  it('renders a specification as the template that it is of', () => {
    const { candidate, ...rest } = started.data;
    const spec = { ...instantiateTemplate('topk', { k: 20 }) };
    const frozen = { ...rest, candidate: { spec, pipelineId: 'pl-1', version: 2 } };
    expect(candidate).toMatchObject({ template: 'topk', parameters: { k: 20 } });
    expect(contentOf(after({ ...started, data: frozen })).collectors).toEqual(
      contentOf(after(started)).collectors,
    );
  });

  it('refuses what it cannot render', () => {
    const frozen = { ...started.data, candidate: { spec: { source: {} } } };
    expect(() => contentOf(after({ ...started, data: frozen }))).toThrow(PipelineError);
    const unknown = { ...started.data, baseline: { template: 'none', parameters: {} } };
    expect(() => contentOf(after({ ...started, data: unknown }))).toThrow(/no template/);
  });

  it('names the limits of the candidate, and none where the experiment names none', () => {
    const limits = limitsOf({ cpu: { percent: 20 } });
    const limited: EventsOf<'experiment'> = {
      type: 'ExperimentStarted',
      data: { ...started.data, spec: { ...spec, limits } },
    };
    const limitsIn = (state: StartedExperiment) =>
      contentOf(state).collectors.map((one) => [one.variant, one.limits]);
    const draft = { type: 'ExperimentDrafted', data: { at, spec: { ...spec, limits } } } as const;
    const state = fold(experimentDecider, [draft, limited]);
    if (!isStarted(state)) throw new TypeError('not started');
    expect(limitsIn(state)).toEqual([
      ['baseline', undefined],
      ['candidate', limits],
    ]);
    expect(limitsIn(after(started))).toEqual([
      ['baseline', undefined],
      ['candidate', undefined],
    ]);
  });

  it.each(['pause', 'stop', 'rollback'] as const)(
    'drains the candidate of a graceful %s, and not of an instant one',
    (move) => {
      for (const mode of ['graceful', 'instant'] as const) {
        const content = contentOf(after(started, warmup, stops(mode)[move]));
        expect(content.drain).toBe(mode === 'graceful');
        expect(content.collectors.map(({ variant }) => variant)).toEqual(['baseline']);
      }
    },
  );

  it('is the same once an instant stop or rollback has arrived, so that nothing is ordered again', () => {
    const stopped: EventsOf<'experiment'> = { type: 'ExperimentStopped', data: { at } };
    const back: EventsOf<'experiment'> = { type: 'ExperimentRolledBack', data: { at } };
    const { stop, rollback } = stops('instant');
    expect(contentOf(after(started, stop, stopped))).toEqual(contentOf(after(started, stop)));
    expect(contentOf(after(started, rollback, back))).toEqual(contentOf(after(started, rollback)));
  });

  it('drains again after a resumption', () => {
    const resumed: EventsOf<'experiment'> = { type: 'ExperimentResumed', data: { at } };
    expect(contentOf(after(started, warmup, stops('instant').pause, resumed)).drain).toBe(true);
  });
});
