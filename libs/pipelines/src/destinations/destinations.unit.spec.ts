import { destinationProfileSchema, secretsOf, validateDestination } from '../index.js';
import { renderDestination } from './render-destination.js';
import { asCollectorText } from './secret.js';

const profiles = {
  otlp: { kind: 'otlp', endpoint: 'https://otlp.example.org', headers: { 'x-scope-orgid': 'team-a' } },
  prometheusRemoteWrite: {
    kind: 'prometheusRemoteWrite',
    endpoint: 'https://mimir.example.org/api/v1/push',
    authorization: { scheme: 'bearer', token: '${file:/etc/phoenix/token}' },
  },
  newRelic: { kind: 'newRelic', region: 'eu', apiKey: '${env:NEW_RELIC_KEY}' },
  datadog: {
    kind: 'datadog',
    site: 'us5.datadoghq.com',
    apiKey: { kubernetesSecret: { name: 'datadog', key: 'api-key' } },
  },
  grafanaCloud: { kind: 'grafanaCloud', zone: 'prod-eu-west-2', instanceId: '4711', token: '${env:TOKEN}' },
};

const findings = (profile: unknown): readonly string[] =>
  validateDestination(profile).map(({ rule, path }) => `${rule} ${path}`);
const rendered = (profile: unknown) =>
  renderDestination(destinationProfileSchema.parse(profile), asCollectorText);

describe('destinations', () => {
  it.each(Object.entries(profiles))('%s is valid with its secrets as references', (_, profile) => {
    expect(findings(profile)).toEqual([]);
  });

  it.each([
    ['text', { ...profiles.newRelic, apiKey: 'eu01xxNRAL0123456789' }, 'apiKey'],
    ['a default of a variable', { ...profiles.newRelic, apiKey: '${env:KEY:-eu01xx}' }, 'apiKey'],
    ['text around a reference', { ...profiles.grafanaCloud, token: 'glc_${env:TOKEN}' }, 'token'],
    [
      'a password',
      { ...profiles.prometheusRemoteWrite, authorization: basic('geheim') },
      'authorization.password',
    ],
    ['a header of that name', { ...profiles.otlp, headers: { 'api-key': 'abc' } }, 'headers.api-key'],
    ['a header like a key', { ...profiles.otlp, headers: { 'x-a': 'a1B2c3D4e5F6g7H8i9J0k' } }, 'headers.x-a'],
  ])('refuse a secret in clear and do not repeat it: %s', (_, profile, path) => {
    expect(findings(profile)).toEqual([`secret-in-clear ${path}`]);
    const said = JSON.stringify(validateDestination(profile));
    expect(said).not.toMatch(/NRAL|eu01xx|glc_|geheim|abc|a1B2/);
  });

  it.each([
    'http://otlp.example.org',
    'ftp://otlp.example.org',
    'https://user:word@otlp.example.org',
    'https://otlp.example.org?api-key=1',
    'https://${env:HOST}',
    'otlp.example.org:4318',
    '',
  ])('refuse to send to %j', (endpoint) => {
    expect(findings({ ...profiles.otlp, endpoint })).toEqual(['schema endpoint']);
  });

  it.each(['http://127.0.0.1:4318', 'http://localhost:4318/base', 'http://[::1]:4318'])(
    'send in clear to this machine itself: %s',
    (endpoint) => {
      expect(findings({ ...profiles.otlp, endpoint })).toEqual([]);
    },
  );

  it.each([
    [profiles.newRelic, 'https://otlp.eu01.nr-data.net'],
    [{ ...profiles.newRelic, region: 'us' }, 'https://otlp.nr-data.net'],
    [profiles.datadog, 'https://otlp.us5.datadoghq.com'],
    [profiles.grafanaCloud, 'https://otlp-gateway-prod-eu-west-2.grafana.net/otlp'],
    [profiles.prometheusRemoteWrite, 'https://mimir.example.org/api/v1/push'],
    [{ ...profiles.otlp, endpoint: 'https://otlp.example.org/base/' }, 'https://otlp.example.org/base'],
    [{ ...profiles.otlp, protocol: 'grpc' }, 'otlp.example.org:443'],
  ])('know the address: %j', (profile, endpoint) => {
    expect(rendered(profile).exporter.settings['endpoint']).toBe(endpoint);
  });

  it('refuse what no vendor has', () => {
    expect(findings({ ...profiles.datadog, site: 'datadoghq.org' })).toEqual(['schema site']);
    expect(findings({ ...profiles.grafanaCloud, zone: 'evil.example.org/' })).toEqual(['schema zone']);
    expect(findings({ ...profiles.newRelic, extra: 1 })).toEqual(['schema ']);
    expect(findings({ kind: 'splunk' })).toEqual(['schema kind']);
  });

  it('name every secret once', () => {
    const twice = {
      ...profiles.otlp,
      authorization: basic('${env:A}'),
      headers: { 'x-key': '${env:A}', 'x-b': '${env:B}', plain: 'text' },
    };
    expect(secretsOf(destinationProfileSchema.parse(twice))).toEqual(['${env:A}', '${env:B}']);
  });

  it('sign with the secret of a Kubernetes Secret by the variable that carries it', () => {
    expect(rendered(profiles.datadog).exporter.settings['headers']).toEqual({
      'dd-api-key': '${env:SECRET_DATADOG_API_KEY}',
    });
  });
});

function basic(password: string): unknown {
  return { scheme: 'basic', username: 'user', password };
}
