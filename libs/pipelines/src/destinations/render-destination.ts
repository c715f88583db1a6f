import type { Component, Settings } from '../render/collector-config.js';
import { staleAfterMinutes } from '../spec/merging.js';
import { hostAndPort } from './address.js';
import type { DestinationKind, DestinationProfile } from './profile.js';
import type { SecretText } from './secret.js';
import { signature, signedHeaders } from './signature.js';

/** What stands for a destination in a collector: what the vendor wants done before, the exporter, and who signs. */
export type DestinationParts = {
  readonly processors: readonly Component[];
  readonly exporter: Component;
  readonly extensions: readonly Component[];
};

type ProfileOf<K extends DestinationKind> = Extract<DestinationProfile, { kind: K }>;

/** Counters as growth or as totals; `any` takes them as they come. */
type Temporality = 'delta' | 'cumulative' | 'any';

/** Which temporality each kind takes. */
const temporalityOf: Readonly<Record<DestinationKind, Temporality>> = {
  otlp: 'any',
  prometheusRemoteWrite: 'cumulative',
  newRelic: 'delta',
  datadog: 'delta',
  grafanaCloud: 'cumulative',
};

/** The parts of a destination; `secret` says how the collector gets each secret. */
export function renderDestination(profile: DestinationProfile, secret: SecretText): DestinationParts {
  return { processors: destinationProcessors(profile), ...sending(profile, secret) };
}

/** What is done to data for this destination only: whoever meters the pipeline sees it as it was before. */
export function destinationProcessors({ kind }: DestinationProfile): readonly Component[] {
  switch (temporalityOf[kind]) {
    case 'any':
      return [];
    case 'delta':
      return [{ id: 'cumulativetodelta/destination', settings: { max_staleness: `${staleAfterMinutes}m` } }];
    case 'cumulative':
      return [
        {
          id: 'deltatocumulative/destination',
          settings: { max_stale: `${staleAfterMinutes}m`, max_streams: maxDeltaStreams },
        },
      ];
  }
}

/** A bound on what a host remembers of deltas that it adds up. */
const maxDeltaStreams = 100_000;

/** How the exporter of a destination packs its requests, for a shadow that must spend the same on it. */
export function compressionOf(profile: DestinationProfile): string {
  return profile.kind === 'otlp' ? profile.compression : 'gzip';
}

function sending(profile: DestinationProfile, secret: SecretText): Omit<DestinationParts, 'processors'> {
  switch (profile.kind) {
    case 'otlp':
      return profile.protocol === 'http' ? otlpHttp(profile, secret) : otlpGrpc(profile, secret);
    case 'prometheusRemoteWrite':
      return remoteWrite(profile, secret);
    case 'newRelic':
      return vendor(profile.endpoint ?? newRelicEndpoints[profile.region], {
        headers: { 'api-key': secret(profile.apiKey) },
      });
    case 'datadog':
      return vendor(profile.endpoint ?? `https://otlp.${profile.site}`, {
        headers: { 'dd-api-key': secret(profile.apiKey) },
      });
    case 'grafanaCloud': {
      const { instanceId: username, token: password, zone } = profile;
      const signed = signature({ scheme: 'basic', username, password }, secret);
      const gateway = profile.endpoint ?? `https://otlp-gateway-${zone}.grafana.net`;
      return vendor(`${withoutSlash(gateway)}/otlp`, signed.settings, signed.extensions);
    }
  }
}

const newRelicEndpoints = { us: 'https://otlp.nr-data.net', eu: 'https://otlp.eu01.nr-data.net' } as const;

/**
 * Vendors refuse large requests: New Relic above 1 MB, Datadog above 512 kB packed. What is not packed yet is held
 * below that, so that no packing is needed to be safe. One consumer keeps points in their order.
 */
const maxRequestBytes = 500_000;

const patience: Settings = {
  timeout: '10s',
  retry_on_failure: { initial_interval: '5s', max_interval: '30s', max_elapsed_time: '300s' },
};
const queueSize = 200;
const queue: Settings = { num_consumers: 1, queue_size: queueSize };

function vendor(
  endpoint: string,
  settings: Settings,
  extensions: readonly Component[] = [],
): Omit<DestinationParts, 'processors'> {
  const batch = { sizer: 'bytes', flush_timeout: '1s', min_size: 0, max_size: maxRequestBytes };
  return {
    exporter: {
      id: 'otlphttp/destination',
      settings: {
        endpoint: withoutSlash(endpoint),
        encoding: 'proto',
        compression: 'gzip',
        ...settings,
        ...patience,
        sending_queue: { ...queue, batch },
      },
    },
    extensions,
  };
}

function otlpHttp(profile: ProfileOf<'otlp'>, secret: SecretText): Omit<DestinationParts, 'processors'> {
  const { extensions, settings } = signedHeaders(profile, secret);
  return {
    exporter: {
      id: 'otlphttp/destination',
      settings: {
        endpoint: withoutSlash(profile.endpoint),
        encoding: 'proto',
        compression: profile.compression,
        ...settings,
        ...patience,
        sending_queue: queue,
      },
    },
    extensions,
  };
}

function otlpGrpc(profile: ProfileOf<'otlp'>, secret: SecretText): Omit<DestinationParts, 'processors'> {
  const { extensions, settings } = signedHeaders(profile, secret);
  const { target, isClear } = hostAndPort(profile.endpoint);
  return {
    exporter: {
      id: 'otlp/destination',
      settings: {
        endpoint: target,
        ...(isClear && { tls: { insecure: true } }),
        compression: profile.compression,
        ...settings,
        ...patience,
        sending_queue: queue,
      },
    },
    extensions,
  };
}

/**
 * The host is an attribute of the resource; as a label it keeps the series of hosts apart, which `target_info`
 * alone would not. One request at a time, since stores refuse points that come out of order.
 */
function remoteWrite(
  profile: ProfileOf<'prometheusRemoteWrite'>,
  secret: SecretText,
): Omit<DestinationParts, 'processors'> {
  const { extensions, settings } = signedHeaders(profile, secret);
  return {
    exporter: {
      id: 'prometheusremotewrite/destination',
      settings: {
        endpoint: profile.endpoint,
        ...settings,
        ...patience,
        resource_to_telemetry_conversion: { enabled: true },
        target_info: { enabled: false },
        max_batch_request_parallelism: 1,
        remote_write_queue: { queue_size: queueSize },
      },
    },
    extensions,
  };
}

function withoutSlash(text: string): string {
  return text.replace(/\/+$/, '');
}
