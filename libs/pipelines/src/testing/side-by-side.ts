import { fromYaml, toYaml, type CollectorConfig, type Settings } from '../render/collector-config.js';

const sections = ['receivers', 'processors', 'exporters', 'connectors', 'extensions'] as const;

/**
 * Configurations of hosts in one collector, each with components of its own, so that one program shows what several
 * would do. The collector's own telemetry is that of the first.
 */
export function sideBySide(yamls: readonly string[]): string {
  const configs = yamls.map((yaml, index) => withOwnIds(fromYaml(yaml), index));
  const [first] = configs;
  if (first === undefined) throw new Error('no configuration');
  const joined = Object.fromEntries(
    sections.map((section) => [section, Object.assign({}, ...configs.map((one) => one[section] ?? {}))]),
  ) as Pick<CollectorConfig, (typeof sections)[number]>;
  return toYaml({
    ...joined,
    service: {
      extensions: configs.flatMap(({ service }) => service.extensions ?? []),
      ...(first.service.telemetry && { telemetry: first.service.telemetry }),
      pipelines: Object.assign({}, ...configs.map(({ service }) => service.pipelines)) as Pipelines,
    },
  });
}

type Pipelines = CollectorConfig['service']['pipelines'];

function withOwnIds(config: CollectorConfig, index: number): CollectorConfig {
  const own = (id: string): string => `${id}${id.includes('/') ? '.' : '/'}${index}`;
  const renamed = <T>(record: Readonly<Record<string, T>> = {}): Readonly<Record<string, T>> =>
    Object.fromEntries(Object.entries(record).map(([id, value]) => [own(id), value]));
  const exporters = Object.entries(config.exporters ?? {}).map(([id, settings]) => [
    id,
    signedBy(settings, own),
  ]);
  const pipelines = Object.entries(config.service.pipelines).map(([id, wiring]) => [
    id,
    {
      receivers: wiring.receivers.map(own),
      processors: wiring.processors.map(own),
      exporters: wiring.exporters.map(own),
    },
  ]);
  return {
    receivers: renamed(config.receivers),
    processors: renamed(config.processors),
    exporters: renamed(Object.fromEntries(exporters) as Readonly<Record<string, Settings>>),
    connectors: renamed(config.connectors),
    extensions: renamed(config.extensions),
    service: {
      ...config.service,
      extensions: (config.service.extensions ?? []).map(own),
      pipelines: renamed(Object.fromEntries(pipelines) as Pipelines),
    },
  };
}

function signedBy(settings: Settings, own: (id: string) => string): Settings {
  const auth = settings['auth'] as { readonly authenticator: string } | undefined;
  return auth === undefined ? settings : { ...settings, auth: { authenticator: own(auth.authenticator) } };
}
