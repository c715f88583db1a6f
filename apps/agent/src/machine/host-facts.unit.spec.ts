import { execFileSync } from 'node:child_process';
import { readAgentConfig } from '../agent.config.js';
import { hostFacts } from './host-facts.js';
import { readResourceAttributes } from './resource-attributes.js';

const given = (text: string) =>
  readResourceAttributes(readAgentConfig({ OTEL_RESOURCE_ATTRIBUTES: text }).OTEL_RESOURCE_ATTRIBUTES);

describe('what an agent knows of its host', () => {
  it('is what the system says', () => {
    const ask = (command: string, ...args: string[]) =>
      execFileSync(command, args, { encoding: 'utf8' }).trim();
    const { system } = hostFacts();
    expect(system['host.name']).toBe(ask('uname', '-n'));
    expect(system['os.type']).toBe(ask('uname', '-s').toLowerCase());
    const machines: Record<string, string> = { x86_64: 'amd64', aarch64: 'arm64' };
    const machine = ask('uname', '-m');
    expect(system['host.arch']).toBe(machines[machine] ?? machine);
  });

  it('is what it was given, decoded; the last of two with one key', () => {
    const attributes = given('team=a%20b, eq=b=c=, deployment.environment = prod,team=c%2Cd+%C3%B6');
    expect(attributes).toEqual({ team: 'c,d+ö', eq: 'b=c=', 'deployment.environment': 'prod' });
    expect(hostFacts(attributes).env).toEqual(attributes);
    expect(given('')).toEqual({});
  });

  it.each(['team', '=a', 'a=%zz', 'a=b,', 'a=b,,c=d', 'a=b,c'])(
    'is not read from %j, not even in part',
    (text) => {
      expect(given(text)).toBeUndefined();
    },
  );
});
