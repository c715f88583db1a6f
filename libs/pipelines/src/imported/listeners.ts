import type { Settings } from '../render/collector-config.js';
import { mapOf, typeOf, type Section } from './foreign.js';

/** Something that waits for others to connect. `port` is undefined where only the host can tell. */
export type Listener = { readonly id: string; readonly path: string; readonly port: number | undefined };

/** Components that listen at their own `endpoint`, with the port that they take by default. Others are clients. */
const servers: Readonly<Record<string, number>> = {
  ...{ 'receivers zipkin': 9411, 'receivers influxdb': 8086, 'receivers splunk_hec': 8088 },
  ...{ 'receivers signalfx': 9943, 'receivers opencensus': 55_678, 'receivers carbon': 2003 },
  ...{ 'receivers statsd': 8125, 'receivers collectd': 8081, 'receivers awsfirehose': 4433 },
  ...{ 'receivers prometheusremotewrite': 9090, 'receivers wavefront': 2003, 'receivers sapm': 7276 },
  ...{ 'exporters prometheus': 0 },
};

/** Default ports of protocols under `protocols`. */
const protocols: Readonly<Record<string, number>> = {
  ...{ grpc: 4317, http: 4318, thrift_http: 14_268, thrift_binary: 6832, thrift_compact: 6831 },
};

type Sections = { readonly receivers?: Section; readonly exporters?: Section };

/** Everything of these sections that listens on a port of its own choice. */
export function listenersOf(sections: Sections): readonly Listener[] {
  return (['receivers', 'exporters'] as const).flatMap((kind) =>
    Object.entries(sections[kind] ?? {}).flatMap(([id, settings]) => listening(kind, id, mapOf(settings))),
  );
}

/** Ports that both would open. */
export function sharedPorts(one: Sections, other: Sections): readonly Listener[] {
  const taken = new Set(listenersOf(one).map(({ port }) => port));
  return listenersOf(other).filter(({ port }) => taken.has(port));
}

export function nameOf({ id, port }: Listener): string {
  return `${id} listens on ${port === undefined ? 'a port' : `port ${port}`}`;
}

function listening(kind: keyof Sections, id: string, settings: Settings): readonly Listener[] {
  const path = `${kind}.${id}`;
  if (kind === 'receivers' && 'protocols' in settings)
    return Object.entries(mapOf(settings['protocols'])).flatMap(([protocol, given]) => {
      const at = { id, path: `${path}.protocols.${protocol}` };
      return listener(at, mapOf(given), protocols[protocol]);
    });
  const known = servers[`${kind} ${typeOf(id)}`];
  return known === undefined ? [] : listener({ id, path }, settings, known);
}

/** A port that the system picks clashes with none, and a socket in the file system has none. */
function listener(
  at: Pick<Listener, 'id' | 'path'>,
  { enabled, endpoint, transport }: Settings,
  known: number | undefined,
): readonly Listener[] {
  if (enabled === false || transport === 'unix') return [];
  const port = typeof endpoint === 'string' ? portOf(endpoint) : known;
  return port === 0 ? [] : [{ ...at, port }];
}

function portOf(endpoint: string): number | undefined {
  const digits = /:(\d{1,5})(?:\/.*)?$/.exec(endpoint)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
