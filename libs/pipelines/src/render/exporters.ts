import type { DestinationProfile } from '../destinations/profile.js';
import { compressionOf } from '../destinations/render-destination.js';
import type { SecretText } from '../destinations/secret.js';
import type { Component, Settings } from './collector-config.js';

/** Where the data of a pipeline ends up, apart from the meter. */
export type Destination =
  | {
      readonly kind: 'backend';
      /** Base address; `/v1/metrics` is added. */
      readonly endpoint: string;
      /** Header names with the environment variables that hold their values. */
      readonly headersEnv?: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'profile';
      readonly profile: DestinationProfile;
      /** How the collector of this host gets each secret that the profile names. */
      readonly secret: SecretText;
    }
  | {
      readonly kind: 'localSink';
      readonly endpoint: string;
      /** The destination in whose stead the sink stands: the data is prepared as if it went there. */
      readonly insteadOf?: DestinationProfile;
    }
  | { readonly kind: 'none' };

type Meter = { readonly meterEndpoint: string; readonly meterTokenEnv: string; readonly variant: string };

/** The path of the meter that takes ranking metrics; they are never counted as output. */
export const rankingTapPath = '/tap/ranking';

/** Backend and shadow sink differ in their address only, so that both variants spend the same CPU on sending. */
export function destinationExporter(
  destination: Extract<Destination, { kind: 'backend' | 'localSink' }>,
): Component {
  const headers =
    destination.kind === 'backend'
      ? Object.entries(destination.headersEnv ?? {}).map(
          ([name, env]) => [name, fromEnvironment(env)] as const,
        )
      : [];
  return {
    id: 'otlphttp/destination',
    settings: {
      endpoint: destination.endpoint,
      encoding: 'proto',
      compression: compressionFor(destination),
      ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    },
  };
}

/** The sink takes OTLP whatever it stands for, so a shadow of Prometheus remote write packs with gzip, not Snappy. */
function compressionFor(destination: Extract<Destination, { kind: 'backend' | 'localSink' }>): string {
  if (destination.kind === 'backend' || destination.insteadOf === undefined) return 'gzip';
  return compressionOf(destination.insteadOf);
}

/** One consumer keeps requests in order, which windows rely on; loopback needs no compression. */
export function meterExporter(meter: Meter): Component {
  return {
    id: 'otlphttp/meter',
    settings: {
      metrics_endpoint: `${meter.meterEndpoint}/v1/metrics`,
      ...loopback,
      headers: meterHeaders(meter),
      sending_queue: { num_consumers: 1, queue_size: 100 },
    },
  };
}

/** An old ranking is worth nothing, so it is neither kept nor sent again. */
export function tapExporter(meter: Meter): Component {
  return {
    id: 'otlphttp/ranking',
    settings: {
      metrics_endpoint: `${meter.meterEndpoint}${rankingTapPath}`,
      ...loopback,
      headers: meterHeaders(meter),
      sending_queue: { num_consumers: 1, queue_size: 2 },
      retry_on_failure: { enabled: false },
    },
  };
}

export function captureExporter(endpoint: string): Component {
  return { id: 'otlphttp/capture', settings: { endpoint, ...loopback } };
}

const loopback: Settings = { encoding: 'proto', compression: 'none' };

function meterHeaders({ meterTokenEnv, variant }: Meter): Settings {
  return { authorization: `Bearer ${fromEnvironment(meterTokenEnv)}`, 'phoenix-variant': variant };
}

function fromEnvironment(name: string): string {
  return `\${env:${name}}`;
}
