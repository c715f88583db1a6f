import type { Field } from '../catalogue/catalogue.js';
import { isUsed, type Component, type Model } from '../model/model.js';
import type { Place } from '../problem.js';
import { below } from '../problem.js';
import { entryOf, isFalse, itemsOf, textOf, valueAt, type Value } from '../read/tree.js';
import { readEndpoint, type Endpoint } from './endpoints.js';

/** An address on which the collector will listen. */
export type Listener = Endpoint & { readonly place: Place; readonly what: string };

/** Default addresses of components that listen at their own `endpoint`. Others with an `endpoint` may be clients. */
const servers: Readonly<Record<string, string>> = {
  'receivers zipkin': 'localhost:9411',
  'receivers influxdb': 'localhost:8086',
  'receivers splunk_hec': 'localhost:8088',
  'receivers signalfx': 'localhost:9943',
  'receivers opencensus': 'localhost:55678',
  'receivers carbon': 'localhost:2003',
  'receivers awsfirehose': 'localhost:4433',
  'exporters prometheus': '',
  'extensions health_check': 'localhost:13133',
  'extensions pprof': 'localhost:1777',
  'extensions zpages': 'localhost:55679',
  'extensions healthcheckv2': 'localhost:13133',
};

/** Everything that listens: components that run, and the collector's own metrics, by default on localhost:8888. */
export function listenersOf(model: Model): readonly Listener[] {
  const running = model.components.filter((component) => isUsed(model, component));
  return [...running.flatMap(listening), ...telemetry(model)];
}

function listening(component: Component): readonly Listener[] {
  const { kind, type, id, value, place, schema } = component;
  const protocols = entryOf(value, 'protocols');
  if (kind === 'receivers' && protocols !== undefined) {
    const known = schema?.config?.fields?.['protocols'];
    return protocolListeners(protocols.value, known, {
      place: below(place, 'protocols', protocols.offset),
      what: id,
    });
  }
  const fallback = servers[`${kind} ${type}`];
  return fallback === undefined ? [] : endpointListener({ value, place, what: id }, fallback);
}

type Owner = { readonly place: Place; readonly what: string };

function protocolListeners(
  value: Value,
  known: Field | undefined,
  { place, what }: Owner,
): readonly Listener[] {
  if (value.kind !== 'map') return [];
  return value.entries.flatMap(({ key, offset, value: protocol }) => {
    if (isFalse(valueAt(protocol, 'enabled')) || textOf(valueAt(protocol, 'transport')) === 'unix') return [];
    const fallback = known?.fields?.[key]?.fields?.['endpoint']?.default;
    const owner = { value: protocol, place: below(place, key, offset), what };
    return endpointListener(owner, typeof fallback === 'string' ? fallback : '');
  });
}

function endpointListener(
  { value, place, what }: Owner & { readonly value: Value },
  fallback: string,
): readonly Listener[] {
  const entry = entryOf(value, 'endpoint');
  const written = textOf(entry?.value);
  const text = written ?? fallback;
  if (text === '') return [];
  const at = entry === undefined ? place : below(place, 'endpoint', entry.value.offset);
  return [{ ...readEndpoint(text), place: at, what }];
}

function telemetry({ root, service }: Model): readonly Listener[] {
  const metrics = valueAt(service, 'telemetry', 'metrics');
  if (textOf(valueAt(metrics, 'level')) === 'none') return [];
  const place = {
    path: 'service.telemetry.metrics',
    offset: (entryOf(service, 'telemetry') ?? entryOf(root, 'service'))?.offset ?? 0,
  };
  const what = "the collector's own metrics";
  const readers = entryOf(metrics, 'readers');
  if (readers === undefined) return [{ host: 'localhost', port: 8888, place, what: `${what} by default` }];
  return itemsOf(readers.value).flatMap((reader, at) => {
    const prometheus = valueAt(reader, 'pull', 'exporter', 'prometheus');
    const port = valueAt(prometheus, 'port');
    if (port?.kind !== 'scalar' || typeof port.value !== 'number') return [];
    const host = textOf(valueAt(prometheus, 'host')) ?? 'localhost';
    const path = `${place.path}.readers.${at}.pull.exporter.prometheus`;
    const known = host.includes('$') ? undefined : host;
    return [{ host: known, port: port.value, place: { path, offset: port.offset }, what }];
  });
}
