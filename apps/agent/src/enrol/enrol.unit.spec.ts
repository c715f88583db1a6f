import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enrolRequestSchema } from '#lib/agent-protocol';
import { readAgentConfig } from '../agent.config.js';
import { diagnosisLine, doctor } from '../doctor/doctor.js';
import { inventory } from '../machine/inventory.js';
import { hostDoor } from '../run/host-door.js';
import { enrol, EnrolError } from './enrol.js';
import { credsPath, readIdentity } from './identity-file.js';

const found = inventory({ kind: 'builtin', version: '0' });

describe('enrolment', () => {
  let folder: string;
  let gateway: Server;
  let url: string;
  let answer: { readonly status: number; readonly body: object };
  let request: unknown;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'enrol-'));
    gateway = createServer((incoming, response) => {
      let text = '';
      incoming.on('data', (chunk: Buffer) => (text += chunk.toString()));
      incoming.on('end', () => {
        request = JSON.parse(text);
        response
          .writeHead(answer.status, { 'content-type': 'application/json' })
          .end(JSON.stringify(answer.body));
      });
    }).listen(0, '127.0.0.1');
    await once(gateway, 'listening');
    url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    gateway.close();
    await rm(folder, { recursive: true });
  });

  it('keeps the credential for its own user only, and knows the host from then on', async () => {
    answer = {
      status: 201,
      body: { host: 'h1', tenant: 'acme', creds: 'secret', leafUrl: 'nats-leaf://hub:7422' },
    };
    await enrol({ url, token: 'a-long-token', folder, inventory: found });

    expect(enrolRequestSchema.parse(request)).toMatchObject({ protocol: 1, token: 'a-long-token' });
    expect(await readFile(credsPath(folder), 'utf8')).toBe('secret');
    expect((await stat(credsPath(folder))).mode & 0o777).toBe(0o600);
    const config = readAgentConfig({ PHOENIX_AGENT_DIR: folder });
    expect(await hostDoor(config)).toEqual({ host: 'h1', tenant: 'acme', identity: { creds: 'secret' } });
  });

  it('keeps the way over HTTP, if the gateway has one', async () => {
    const httpCredential = 'acme.h1.secret';
    answer = {
      status: 200,
      body: { host: 'h1', tenant: 'acme', creds: 'secret', httpCredential, leafUrl: 'nats-leaf://hub:7422' },
    };
    const told = await enrol({ url, token: 'a-long-token', folder, inventory: found });

    expect(JSON.stringify(told)).not.toContain('secret');
    expect((await stat(join(folder, 'http.credential'))).mode & 0o777).toBe(0o600);
    const door = await hostDoor(readAgentConfig({ PHOENIX_AGENT_DIR: folder }));
    expect(door.http).toEqual({ url, credential: httpCredential });
    const elsewhere = { PHOENIX_AGENT_DIR: folder, PHOENIX_AGENT_GATEWAY_URL: 'https://phoenix.example' };
    expect((await hostDoor(readAgentConfig(elsewhere))).http?.url).toBe('https://phoenix.example');
  });

  it('says why the gateway refused, and keeps nothing', async () => {
    answer = { status: 403, body: { detail: 'the token has expired' } };
    const refused = enrol({ url, token: 'a-long-token', folder, inventory: found });

    await expect(refused).rejects.toThrow(new EnrolError('the gateway refused (403): the token has expired'));
    expect(await readIdentity(folder)).toBeUndefined();
  });
});

describe('the doctor', () => {
  it('names each thing that is wrong with its fix', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'doctor-'));
    const found = await doctor(
      readAgentConfig({ PHOENIX_AGENT_DIR: folder, PHOENIX_OTELCOL: '/no/such/otelcol' }),
    );
    await rm(folder, { recursive: true });

    const wrong = found.filter(({ fix }) => fix !== undefined);
    expect(wrong.map(({ name }) => name)).toEqual(['enrolment', 'collector', 'link', 'agent']);
    expect(wrong.map(diagnosisLine)[1]).toMatch(/^FIX {2}collector .* -> set PHOENIX_OTELCOL/);
  });
});

describe('the configuration', () => {
  it('names all that is wrong with it, and no value', () => {
    const read = (): unknown =>
      readAgentConfig({
        PHOENIX_AGENT_NATS_URL: 'hunter2',
        PHOENIX_AGENT_NATS_USER: 'u',
        PHOENIX_LOG_LEVEL: 'hunter2',
      });
    expect(read).toThrow(/PHOENIX_AGENT_NATS_URL.*PHOENIX_LOG_LEVEL/);
    expect(read).not.toThrow(/hunter2/);
  });
});
