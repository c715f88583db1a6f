import { fleetParametersSchema, specOf, type PreviewRequest } from '#lib/pipelines';
import { Registry } from 'prom-client';
import { ProblemError, type Shutdown } from '#lib/platform';
import { PreviewWorkers, type WorkerLimits } from './preview-workers.js';

const side = (id: 'baseline' | 'topk') => ({
  spec: specOf({ template: id, parameters: {} }),
  criticalProcesses: [],
});
const request: PreviewRequest = {
  baseline: side('baseline'),
  candidate: side('topk'),
  criticalProcesses: [],
};
const small = { fleet: fleetParametersSchema.parse({ processes: 5 }) };
const large = { fleet: fleetParametersSchema.parse({ processes: 5_000 }) };

const codeOf = async (answer: Promise<unknown>): Promise<string> => {
  try {
    await answer;
    return 'answered';
  } catch (error) {
    return error instanceof ProblemError ? error.parts.code : String(error);
  }
};

describe('the threads of previews', () => {
  const ends: (() => Promise<unknown>)[] = [];
  const workers = (limits: Partial<WorkerLimits>): PreviewWorkers => {
    const shutdown: Pick<Shutdown, 'on'> = { on: (_phase, _name, run) => void ends.push(run) };
    return new PreviewWorkers(shutdown, { registry: new Registry() }, { threads: 1, ...limits });
  };
  const wanted = new AbortController().signal;

  afterAll(() => Promise.all(ends.map((end) => end())));

  it('refuse more than can wait, and answer those that wait', async () => {
    const of = workers({ queued: 1 });
    const answers = [small, small, small].map((data) => codeOf(of.preview(request, data, wanted)));
    expect(await Promise.all(answers)).toEqual(['answered', 'answered', 'too-many-previews']);
    expect(await codeOf(of.preview(request, small, wanted))).toBe('answered');
  });

  it('give up at the deadline, and go on with the next', async () => {
    expect(await codeOf(workers({ deadlineMs: 1 }).preview(request, large, wanted))).toBe('preview-too-slow');
    const gone = new AbortController();
    const of = workers({});
    const abandoned = codeOf(of.preview(request, large, gone.signal));
    gone.abort();
    expect(await abandoned).toBe('preview-abandoned');
    expect(await codeOf(of.preview(request, small, wanted))).toBe('answered');
  });

  it('say of bytes that are no recording that they are none', async () => {
    const data = { recordings: [Buffer.from('something else')] };
    expect(await codeOf(workers({}).preview(request, data, wanted))).toBe('recording-damaged');
  });
});
