import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rotationProofText, type NamedCredential, type RotateCredential } from '#lib/agent-protocol';
import {
  isSignedBy,
  loadOrCreateSecurity,
  mintHostCreds,
  signHostKey,
  writePrivateFile,
  type HostMint,
} from '#lib/platform';
import { AgentHouse, HOST, TENANT, until } from '../testing/agent-house.js';

const identity = { tenant: TENANT, host: HOST };
const TASK = 'rotate-1';

describe('an agent whose new credential no server lets in', () => {
  let house: AgentHouse;
  let folder: string;
  let old: string;

  beforeAll(async () => {
    house = await AgentHouse.open();
    folder = await house.folder('agent');
    old = (await mintHostCreds(house.parts.hub.security, identity)).creds;
    await writePrivateFile(join(folder, 'host.creds'), old);
    await house.startAgent({
      PHOENIX_AGENT_NATS_URL: house.parts.hub.url,
      ...{ PHOENIX_AGENT_NATS_USER: '', PHOENIX_AGENT_NATS_PASSWORD_FILE: '', PHOENIX_OTELCOL: '' },
    });
    await house.nextHeartbeat();
  });
  afterAll(() => house.close());

  const creds = () => readFile(join(folder, 'host.creds'), 'utf8');
  const status = async () =>
    JSON.parse(await readFile(join(folder, 'status.json'), 'utf8')) as {
      readonly isLinked: boolean;
      readonly rotation?: string;
    };
  const ask = async (signed?: RotateCredential['signed']): Promise<NamedCredential> => {
    const task = { kind: 'RotateCredential', taskId: TASK, ...(signed && { signed }) } as const;
    const { credential } = await house.handOver(task);
    if (credential === undefined) throw new Error('the reply names no credential');
    return credential;
  };
  const signedBy = async (mint: HostMint, { publicKey }: NamedCredential) => ({
    publicKey,
    jwt: await signHostKey(mint, identity, publicKey),
  });

  it('names one key for one rotation, however often it is asked', async () => {
    const first = await ask();
    expect(await ask()).toEqual(first);
    expect(first.proof).toBeUndefined();
  });

  it('keeps the old one, stays linked, and says why', async () => {
    const stranger = await loadOrCreateSecurity(await house.folder('another-installation'));
    await ask(await signedBy(stranger, await ask()));
    const { isLinked, rotation } = await until(async () => {
      const found = await status();
      return found.rotation?.includes('Authorization') === true ? found : undefined;
    });
    expect([isLinked, rotation]).toEqual([true, expect.stringMatching(/Authorization Violation/i)]);
    expect(await creds()).toBe(old);
    expect((await ask()).proof).toBeUndefined();
  });

  it('uses the one that is signed as it should be, and proves it', async () => {
    const { security } = house.parts.hub;
    const proven = await until(async () => {
      const named = await ask();
      if (named.proof !== undefined) return named;
      await ask(await signedBy(security, named));
      return undefined;
    });
    expect(isSignedBy(proven.publicKey, rotationProofText(TASK, proven), proven.proof ?? '')).toBe(true);
    expect(isSignedBy(proven.publicKey, rotationProofText('rotate-2', proven), proven.proof ?? '')).toBe(
      false,
    );
    expect(await creds()).not.toBe(old);
    await house.nextHeartbeat();
    expect((await status()).rotation).toBeUndefined();
  });
});
