import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchDirectory } from '#tools/embedded';
import { readAgentConfig } from '../agent.config.js';
import { backendsOf } from './read-backends.js';

const folder = scratchDirectory();
const key = join(folder, 'key');
writeFileSync(key, 'from-file\n');

function configOf(destinations: unknown, more: NodeJS.ProcessEnv = {}): ReturnType<typeof readAgentConfig> {
  const file = join(folder, 'destinations.json');
  writeFileSync(file, typeof destinations === 'string' ? destinations : JSON.stringify(destinations));
  return readAgentConfig({ PHOENIX_DESTINATIONS_FILE: file, ...more });
}

const newRelic = { kind: 'newRelic', region: 'eu', apiKey: `\${file:${key}}` };
const grafana = {
  kind: 'grafanaCloud',
  zone: 'prod-eu-west-2',
  instanceId: '4711',
  token: '${env:GRAFANA_TOKEN}',
};

describe('the destinations of a host', () => {
  it('bring their secrets from files and variables, each under a variable of its own', async () => {
    const backends = await backendsOf(configOf({ default: newRelic, second: grafana }), {
      GRAFANA_TOKEN: 'from-variable',
      OTHER: 'not for collectors',
    });
    expect([...backends].map(([ref, { environment }]) => [ref, environment])).toEqual([
      ['default', { PHOENIX_DESTINATION_SECRET_0: 'from-file' }],
      ['second', { PHOENIX_DESTINATION_SECRET_0: 'from-variable' }],
    ]);
    const destination = backends.get('default')?.destination;
    expect(destination?.kind === 'profile' && destination.secret(newRelic.apiKey)).toBe(
      '${env:PHOENIX_DESTINATION_SECRET_0}',
    );
  });

  it('stand beside the address in the environment, unless both are the same destination', async () => {
    const plain = { PHOENIX_BACKEND_OTLP: 'https://otlp.example.org' };
    const both = await backendsOf(configOf({ second: newRelic }, plain), {});
    expect([...both.keys()]).toEqual(['second', 'default']);
    await expect(backendsOf(configOf({ default: newRelic }, plain), {})).rejects.toThrow(
      /PHOENIX_BACKEND_OTLP and default/,
    );
  });

  it.each([
    ['a secret in clear', { default: { ...newRelic, apiKey: 'hunter2hunter2' } }, /default\.apiKey: must be/],
    ['a variable that is not set', { default: grafana }, /\$\{env:GRAFANA_TOKEN\} of a destination is empty/],
    ['a file that is not there', { default: { ...newRelic, apiKey: '${file:/nowhere/key}' } }, /ENOENT/],
    [
      'a key of a Kubernetes Secret',
      { default: { ...newRelic, apiKey: { kubernetesSecret: { name: 'a', key: 'b' } } } },
      /has no meaning to an agent/,
    ],
    ['what is no object', 'hunter2hunter2', /is no JSON object of destinations/],
  ])('are refused with %s, without its value', async (_, destinations, reason) => {
    const reading = backendsOf(configOf(destinations), {});
    await expect(reading).rejects.toThrow(reason);
    await expect(reading).rejects.not.toThrow(/hunter2/);
  });
});
