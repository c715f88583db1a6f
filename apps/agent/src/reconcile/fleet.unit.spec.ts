import { systemClock } from '#lib/agent-core';
import { renderPipeline } from '#lib/pipelines';
import {
  CollectorError,
  type Collector,
  type CollectorEngine,
  type CollectorSpec,
} from '../collectors/collector.js';
import { Ingress } from '../ingress/ingress.js';
import { CollectorUsage } from '../meter/collector-usage.js';
import { Metering } from '../meter/metering.js';
import { Selections } from '../topk/selections.js';
import { Fleet } from './fleet.js';

const log = { info: () => undefined, warn: () => undefined };
const rendered = renderPipeline({
  ...{ template: 'baseline', parameters: {}, host: { id: 'h', labels: {} }, criticalProcesses: [] },
});
const spec: CollectorSpec = { variant: 'baseline', role: 'live', configHash: rendered.hash, rendered };

/** An engine whose collectors end with the given words before they have sent anything. */
function engineThatSays(
  words: string[],
  metering: Metering,
): CollectorEngine & { readonly started: string[] } {
  const started: string[] = [];
  return {
    ...{ kind: 'otelcol', version: 'test', started },
    validate: () => Promise.resolve(undefined),
    survivors: () => Promise.resolve([]),
    start: (what) => {
      const instance = `i${started.length}`;
      started.push(instance);
      const collector: Collector = {
        ...{ instance, spec: what, pid: 0, isAdopted: false, telemetryPort: undefined },
        admission: { instance, variant: 'baseline', configHash: 'h', intervalSeconds: 1, token: instance },
        exited: Promise.resolve(words.shift() ?? 'no more words'),
        stop: () => Promise.resolve(),
        logTail: () => Promise.resolve([]),
        tidy: () => Promise.resolve(),
      };
      metering.admit(collector.admission);
      return Promise.resolve(collector);
    },
  };
}

function fleetOf(words: string[]) {
  const metering = new Metering('h', systemClock);
  const engine = engineThatSays(words, metering);
  const options = { clock: systemClock, log };
  const selections = new Selections({
    ...options,
    scrape: () => ({ resourceMetrics: [] }),
    capacity: { cores: 1, memoryBytes: 1 },
    onChange: () => undefined,
  });
  const fleet = new Fleet({
    ...options,
    engine,
    metering,
    selections,
    usage: new CollectorUsage(),
    ingress: new Ingress(options),
    onLost: () => undefined,
  });
  return { engine, fleet, metering };
}

describe('starting a collector', () => {
  const signal = new AbortController().signal;

  it('is tried once more on fresh ports when a port was taken', async () => {
    const { engine, fleet } = fleetOf(['listen tcp 127.0.0.1:7: bind: address already in use', 'bad luck']);

    await expect(fleet.start(spec, signal)).rejects.toThrow(
      new CollectorError('collector-exited', 'bad luck'),
    );
    expect(engine.started).toEqual(['i0', 'i1']);
  });

  it('fails with the words of a collector that ended, and leaves nothing behind', async () => {
    const { engine, fleet, metering } = fleetOf(['cannot unmarshal the configuration']);

    await expect(fleet.start(spec, signal)).rejects.toMatchObject({ code: 'collector-exited' });
    expect(engine.started).toEqual(['i0']);
    expect(fleet.statuses()).toEqual([]);
    expect(metering.knows('i0')).toBe(false);
  });
});
