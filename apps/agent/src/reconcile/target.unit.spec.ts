import type { ApplyCollectors } from '#lib/agent-protocol';
import { renderPipeline } from '#lib/pipelines';
import type { Collector, CollectorSpec } from '../collectors/collector.js';
import { pushedSpec, specOrder } from '../testing/pushed.js';
import { ingressPorts, parseOrder, planOf, targetOf } from './target.js';

const rendered = renderPipeline({
  ...{ template: 'topk', parameters: {}, host: { id: 'h', labels: {} }, criticalProcesses: [] },
});

const order = (generation: number, configHash = rendered.hash): ApplyCollectors => ({
  ...{ kind: 'ApplyCollectors', taskId: `g${generation}`, generation, experimentId: 'e1', drain: true },
  ...{ criticalProcesses: [], collectors: [{ variant: 'candidate', role: 'shadow', configHash, rendered }] },
});

const spec = (pid: number, role: CollectorSpec['role'] = 'shadow'): CollectorSpec => ({
  ...{ variant: 'candidate', role, configHash: rendered.hash, rendered },
  selection: { members: [{ pid, executable: 'a' }] },
});

const running = (instance: string, what: CollectorSpec): Collector => ({
  ...{ instance, spec: what, pid: 1, isAdopted: false, telemetryPort: undefined },
  admission: {
    instance,
    variant: what.variant,
    configHash: what.configHash,
    intervalSeconds: 1,
    token: instance,
  },
  exited: new Promise(() => undefined),
  stop: () => Promise.resolve(),
  logTail: () => Promise.resolve([]),
  tidy: () => Promise.resolve(),
});

describe('the target of a host', () => {
  it('is the newest order, as news until it has an outcome', () => {
    const [desired, healthy] = [order(2), order(1)];
    expect(targetOf({ desired: null, outcome: null, healthy: null })).toBeUndefined();
    expect(targetOf({ desired, outcome: null, healthy })).toEqual({ order: desired, isNews: true });
    const outcome = { taskId: 'g2', stage: 'effective' } as const;
    expect(targetOf({ desired, outcome, healthy })).toEqual({ order: desired, isNews: false });
  });

  it('is the last healthy one when the newest failed, or nothing where none ever was', () => {
    const outcome = { taskId: 'g2', stage: 'failed' } as const;
    expect(targetOf({ desired: order(2), outcome, healthy: order(1) })?.order.generation).toBe(1);
    expect(targetOf({ desired: order(2), outcome, healthy: null })).toBeUndefined();
  });
});

describe('an order', () => {
  it('is read into what is to run', () => {
    const parsed = parseOrder(order(1));
    expect(parsed).toMatchObject({ ok: true, specs: [{ variant: 'candidate', role: 'shadow', rendered }] });
  });

  it('is refused when it is unreadable or of another hash', () => {
    expect(parseOrder(order(1, 'other'))).toEqual({
      ok: false,
      reason: 'candidate: the rendering is of another hash than the order',
    });
    const broken = { ...order(1), collectors: [{ ...order(1).collectors[0]!, rendered: { yaml: 7 } }] };
    expect(JSON.stringify(parseOrder(broken))).toContain('candidate: the rendering is unreadable at');
  });
});

describe('an order of pipelines that applications push to', () => {
  const pushed = (baseline: number, candidate: number, ...grpc: (number | undefined)[]): ApplyCollectors => ({
    ...order(1),
    collectors: [
      specOrder('baseline', pushedSpec(baseline, 200, grpc[0])),
      specOrder('candidate', pushedSpec(candidate, 300, grpc[1])),
    ],
  });

  it('has one port for both', () => {
    const parsed = parseOrder(pushed(4318, 4318));
    expect(parsed.ok && ingressPorts(parsed.specs)).toEqual([{ port: 4318 }]);
    expect(ingressPorts([spec(1)])).toEqual([]);
    expect(parseOrder(pushed(4318, 4319))).toEqual({
      ok: false,
      reason: 'its pipelines are pushed to on port 4318 and on port 4319; one is all they may have',
    });
  });

  it('has one port for gRPC for both, too', () => {
    const parsed = parseOrder(pushed(4318, 4318, 4317, 4317));
    expect(parsed.ok && ingressPorts(parsed.specs)).toEqual([{ port: 4318, grpcPort: 4317 }]);
    expect(parseOrder(pushed(4318, 4318, 4317))).toEqual({
      ok: false,
      reason:
        'its pipelines are pushed to on port 4318 with 4317 for gRPC and on port 4318; one is all they may have',
    });
  });
});

describe('the plan', () => {
  it('keeps what is wanted, once, and ends the rest', () => {
    const [kept, twin, other] = [running('a', spec(1)), running('b', spec(1)), running('c', spec(2))];
    expect(planOf([kept, twin, other], [spec(1)])).toEqual({ missing: [], surplus: [twin, other] });
  });

  it('replaces a collector whose selection or role has changed', () => {
    const old = running('a', spec(1));
    expect(planOf([old], [spec(2)])).toEqual({ missing: [spec(2)], surplus: [old] });
    expect(planOf([old], [spec(1, 'live')])).toEqual({ missing: [spec(1, 'live')], surplus: [old] });
  });
});
