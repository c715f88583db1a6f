import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { describeConfig, type ConfigSchema } from '#lib/platform';
import { migrateConfig } from '#tools/migrate';
import { agentConfigSchema } from '../../../apps/agent/src/agent.config.js';
import { agentGatewayConfig } from '../../../apps/agent-gateway/src/agent-gateway.config.js';
import { analyzerConfig } from '../../../apps/analyzer/src/analyzer.config.js';
import { commandApiConfig } from '../../../apps/command-api/src/command-api.config.js';
import { projectorConfig } from '../../../apps/projector/src/projector.config.js';
import { enrolHostConfig } from '../../house/src/enrol-host.config.js';
import { repositoryRoot } from './places.js';
import { composeSchema, type ComposeService } from './testing/compose-schema.js';

/** The port table of the house. */
const portTable: Readonly<Record<string, readonly number[]>> = {
  'command-api': [8080, 8081],
  'agent-gateway': [8082],
  projector: [8083],
  analyzer: [8084],
  hub: [4222, 7422],
};
const jobs = ['security', 'migrate', 'enrol'];

/** The variables that a service reads, and which of them it cannot do without. */
interface Variables {
  readonly known: readonly string[];
  readonly required: readonly string[];
}
const variablesOf = (schema: ConfigSchema): Variables => {
  const all = describeConfig(schema);
  return {
    known: all.map(({ name }) => name),
    required: all.filter(({ required }) => required).map(({ name }) => name),
  };
};
const schemas: Readonly<Record<string, Variables>> = {
  migrate: variablesOf(migrateConfig),
  enrol: variablesOf(enrolHostConfig),
  'command-api': variablesOf(commandApiConfig),
  'agent-gateway': variablesOf(agentGatewayConfig),
  projector: variablesOf(projectorConfig),
  analyzer: variablesOf(analyzerConfig),
  agent: { known: Object.keys(agentConfigSchema.shape), required: [] },
};

const text = readFileSync(join(repositoryRoot(), 'docker-compose.yml'), 'utf8');
const compose = composeSchema.parse(parse(text, { merge: true }));
const services: readonly (readonly [string, ComposeService])[] = Object.entries(compose.services);
const apps = services.filter(([, service]) => service.command?.[1]?.startsWith('dist/apps/'));

/** What a service sees at a place: the volume, and the part of it. */
function mountAt(service: ComposeService | undefined, target: string) {
  for (const volume of service?.volumes ?? []) {
    const [source = '', place] =
      typeof volume === 'string' ? volume.split(':') : [volume.source, volume.target];
    if (place === target) return { source, subpath: typeof volume === 'string' ? '' : volume.volume.subpath };
  }
  return undefined;
}

describe('docker-compose.yml', () => {
  it('holds the whole house', () => {
    const house = [
      'hub',
      'leaf',
      'postgres',
      'command-api',
      'projector',
      'agent-gateway',
      'analyzer',
      'agent',
    ];

    expect(Object.keys(compose.services).sort()).toEqual([...house, ...jobs].sort());
  });

  it('publishes exactly the ports of the port table, on loopback only', () => {
    const published = services.flatMap(([name, { ports }]) =>
      ports === undefined ? [] : [[name, ports] as const],
    );
    const expected = Object.entries(portTable).map(([name, ports]) => [
      name,
      ports.map((port) => `127.0.0.1:${port}:${port}`),
    ]);

    expect(Object.fromEntries(published)).toEqual(Object.fromEntries(expected));
  });

  it.each(Object.entries(schemas))(
    'sets for %s what it needs, and nothing that it does not read',
    (name, { known, required }) => {
      const set = Object.keys(compose.services[name]?.environment ?? {});

      expect(known).toEqual(expect.arrayContaining(set));
      expect(set).toEqual(expect.arrayContaining([...required]));
    },
  );

  it('knows the variables of every service that runs a program of ours', () => {
    const ours = services
      .filter(([name, { command }]) => name !== 'security' && command?.[0] === 'node')
      .map(([name]) => name);

    expect(Object.keys(schemas).sort()).toEqual(ours.sort());
  });

  it.each(apps.filter(([name]) => name !== 'agent'))(
    'tells %s the port under which it is asked for its health',
    (_name, { environment, healthcheck }) => {
      expect(healthcheck?.test.at(-1)).toBe(environment?.['PHOENIX_HTTP_PORT']);
    },
  );

  it.each(services.filter(([name]) => !jobs.includes(name)))(
    'has a health check for %s',
    (_name, service) => {
      expect(service.healthcheck?.test[0]).toBe('CMD');
      expect(service.restart).toBe('unless-stopped');
    },
  );

  it.each(services)(
    'starts %s only after what it needs is healthy or done',
    (_name, { depends_on: needs = {} }) => {
      for (const [needed, { condition }] of Object.entries(needs)) {
        expect(Object.keys(compose.services)).toContain(needed);
        expect(condition).toBe(jobs.includes(needed) ? 'service_completed_successfully' : 'service_healthy');
      }
    },
  );

  it('runs the migration before every app that uses the tables', () => {
    for (const [name, service] of apps.filter(([app]) => app !== 'agent')) {
      expect([name, Object.keys(service.depends_on ?? {})]).toEqual([
        name,
        expect.arrayContaining(['migrate']),
      ]);
    }
  });

  it('has no default for any variable, and fails without it', () => {
    const references = [...text.matchAll(/\$\{[^}]*\}/g)].map(([reference]) => reference);

    expect(references.length).toBeGreaterThan(0);
    for (const reference of references) expect(reference).toMatch(/^\$\{[A-Z_]+:\?[^}]+\}$/);
  });

  it('declares every secret and volume that it uses', () => {
    for (const [, service] of services) {
      for (const secret of service.secrets ?? []) expect(Object.keys(compose.secrets)).toContain(secret);
      for (const volume of service.volumes ?? []) {
        const source = typeof volume === 'string' ? (volume.split(':')[0] ?? '') : volume.source;
        if (source.startsWith('./')) expect(existsSync(join(repositoryRoot(), source))).toBe(true);
        else expect(Object.keys(compose.volumes)).toContain(source);
      }
    }
  });

  it('gives each container only its own part of the key material', () => {
    const parts = services.flatMap(([name, { volumes = [] }]) =>
      volumes.flatMap((volume) =>
        typeof volume === 'object' && volume.source === 'security'
          ? [[name, volume.volume.subpath] as const]
          : [],
      ),
    );

    expect(Object.fromEntries(parts)).toEqual({
      hub: 'hub',
      migrate: 'apps/migrate',
      'command-api': 'apps/command-api',
      'agent-gateway': 'apps/agent-gateway',
      projector: 'apps/projector',
      analyzer: 'apps/analyzer',
    });
  });

  it('lets the host enrol like any other, once there is who can enrol it', () => {
    const { enrol, leaf, agent } = compose.services;
    expect(Object.keys(enrol?.depends_on ?? {}).sort()).toEqual(['agent-gateway', 'command-api']);
    expect(Object.keys(leaf?.depends_on ?? {})).toContain('enrol');
    expect(Object.keys(agent?.depends_on ?? {})).toContain('enrol');
    expect(text).not.toMatch(/--host|PHOENIX_AGENT_HOST|PHOENIX_AGENT_TENANT/);
  });

  it('has what enrolling wrote where the leaf and the agent read it', () => {
    const { enrol, leaf, agent } = compose.services;
    const written = (variable: string) => mountAt(enrol, enrol?.environment?.[variable] ?? '');
    const home = written('PHOENIX_AGENT_DIR');
    const door = written('PHOENIX_DOOR_DIR');
    const password = dirname(agent?.environment?.['PHOENIX_AGENT_NATS_PASSWORD_FILE'] ?? '');

    expect([home, door]).toEqual([
      { source: 'agent-data', subpath: '' },
      { source: 'door', subpath: '' },
    ]);
    expect(mountAt(agent, agent?.environment?.['PHOENIX_AGENT_DIR'] ?? '')).toEqual(home);
    expect(mountAt(agent, password)).toEqual({ source: 'door', subpath: 'agent' });
    expect(mountAt(leaf, '/etc/nats/security')).toEqual({ source: 'door', subpath: 'leaf' });
    const leafConfig = readFileSync(join(repositoryRoot(), 'deploy', 'compose', 'leaf.conf'), 'utf8');
    expect(leafConfig).toContain('credentials: "/etc/nats/security/host.creds"');
    expect(leafConfig).toContain('include ./security/authorization.conf');
  });

  it.each(services.filter(([, { build }]) => build !== undefined))(
    'finds for %s every path of this repository that its image copies',
    (_name, { build }) => {
      const dockerfile = readFileSync(join(repositoryRoot(), build?.dockerfile ?? ''), 'utf8');
      const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, stage]) => stage);
      const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) =>
        paths.split(' '),
      );
      expect(stages).toContain(build?.target);
      expect(copied.filter((path) => !existsSync(join(repositoryRoot(), path)))).toEqual([]);
      expect(copied).toContain('package-lock.json');
    },
  );
});
