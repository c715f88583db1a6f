import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot, type Service } from '#tools/embedded';
import { AgentHouse, until } from '../testing/agent-house.js';
import type { Diagnosis } from './doctor.js';

/** Leaves its children no room for a file, as a full disk does: the kernel refuses each write. */
const WITHOUT_ROOM = `trap '' XFSZ; ulimit -f 0; exec "$@"`;

describe('the doctor of a host', () => {
  let house: AgentHouse;
  let agent: Service;

  /** What the doctor finds, by check. */
  function examine(
    before: readonly string[] = [],
    more: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly code: number; readonly of: (name: string) => Diagnosis | undefined }> {
    const main = join(repositoryRoot(), 'dist', 'apps', 'agent', 'src', 'main.js');
    const words = [...before, process.execPath, main, 'doctor', '--json'];
    const env = { PATH: '/usr/bin:/bin', ...house.environment(), ...more };
    return new Promise((resolve) => {
      const child = execFile('/usr/bin/env', words, { env }, (_error, stdout) => {
        const lines = stdout.split('\n').filter((line) => line !== '');
        const found = lines.map((line) => JSON.parse(line) as Diagnosis);
        resolve({ code: child.exitCode ?? -1, of: (name) => found.find((one) => one.name === name) });
      });
    });
  }

  beforeAll(async () => {
    house = await AgentHouse.open();
    agent = await house.startAgent();
  });

  afterAll(() => house.close());

  it('finds a whole house well', async () => {
    const { of } = await until(async () => {
      const found = await examine();
      return found.code === 0 ? found : undefined;
    });
    expect(of('agent')?.detail).toMatch(
      /^runs, linked by leaf phoenix-leaf-\d+ since \d{4}-\S+Z, meter on port \d+$/,
    );
    expect(of('doors')?.detail).toMatch(/^nats in-use since \d{4}-\S+Z$/);
    expect(of('collector')?.detail).toContain(house.otelcol);
    expect(of('last refusal')?.detail).toBe('none since the agent started');
  });

  it('names attributes of the host that cannot be read, and no value of those that can', async () => {
    const malformed = await examine([], { OTEL_RESOURCE_ATTRIBUTES: 'team=shop,b' });
    expect(malformed.code).toBe(1);
    expect(malformed.of('attributes')).toMatchObject({
      detail: expect.stringContaining('none of it is used') as string,
      fix: expect.stringContaining('team=shop') as string,
    });
    const good = await examine([], { OTEL_RESOURCE_ATTRIBUTES: 'team=a%2Cb,cost=5' });
    expect(good.of('attributes')).toEqual({ name: 'attributes', detail: 'team, cost' });
  });

  it('names a full disk and what to do', async () => {
    const { code, of } = await examine(['/bin/sh', '-c', WITHOUT_ROOM, 'sh']);

    expect(code).toBe(1);
    expect(of('disk')?.fix).toBe(
      `free some space below ${house.agentFolder}: windows and results wait there`,
    );
  });

  it('names a dead leaf, and that the agent has lost it', async () => {
    await house.killLeaf();
    const { of } = await until(async () => {
      const found = await examine();
      return found.of('agent')?.fix === undefined ? undefined : found;
    });

    expect(of('agent')).toMatchObject({ detail: 'runs, not linked', fix: 'see the check of the link' });
    expect(of('doors')?.detail).toMatch(/^nats not-connected since \S+ \(failed at \S+: /);
    expect(of('link')?.fix).toBe('start the leaf nats-server, check its address and password');
  });

  it('names an agent that does not run', async () => {
    await agent.kill();
    const { code, of } = await examine();

    expect(code).toBe(1);
    expect(of('agent')?.detail).toMatch(/^does not run, last heard of \d+ s ago$/);
    expect(of('agent')?.fix).toBe('start it with `phoenix-agent run`');
  });
});
