import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { streams } from '#lib/events';
import { connectNats, mintServiceCreds } from '#lib/platform';
import { startTestParts } from '#tools/embedded';
import { migrations } from '../../../migrations/index.js';
import { runCommand } from './commands.js';
import type { MigrateConfig } from './migrate.config.js';

describe('the migration tool', () => {
  let parts: Awaited<ReturnType<typeof startTestParts<{ hub: true; postgres: true }>>>;
  let config: MigrateConfig;

  beforeAll(async () => {
    parts = await startTestParts({ hub: true, postgres: true });
    const natsCreds = join(parts.dir, 'migrate.creds');
    await writeFile(natsCreds, (await mintServiceCreds(parts.hub.security, 'migrate')).creds, {
      mode: 0o600,
    });
    config = { databaseUrl: parts.postgres.url, natsUrl: parts.hub.url, natsCreds };
  });
  afterAll(() => parts.stop());

  const newest = migrations.at(-1)!.name;

  it('says what an empty installation lacks', async () => {
    const { lines, ok } = await runCommand('status', config);
    expect(ok).toBe(false);
    expect(lines).toContain(`schema: MISSING ${newest}`);
    expect(lines.at(-1)).toContain(`stream-missing: ${streams.map(({ name }) => name).join(', ')}`);
  });

  it('brings schema and streams up, and has nothing to do the second time', async () => {
    expect((await runCommand('up', config)).lines).toContain(`schema: applied ${newest}`);
    expect((await runCommand('up', config)).lines).toContain('schema: nothing to do');
    const { lines, ok } = await runCommand('status', config);
    expect(ok).toBe(true);
    expect(lines).toContain(`schema: applied ${newest}`);
  });

  it('takes one migration back and leaves the streams', async () => {
    await runCommand('up', config);
    expect(await runCommand('down', config)).toEqual({ lines: [`schema: took back ${newest}`], ok: true });
    const { lines, ok } = await runCommand('status', config);
    expect(ok).toBe(false);
    expect(lines).toContain(`schema: MISSING ${newest}`);
    expect(lines.at(-1)).toMatch(/^streams: EVENTS, .* as defined$/);
  });

  it('says which stream was changed behind its back, and repairs it', async () => {
    await runCommand('up', config);
    const nats = await connectNats({ url: config.natsUrl, name: 'meddler', credsFile: config.natsCreds });
    await (await nats.manager()).streams.update('PUBLIC', { max_age: 86_400_000_000_000 });
    await nats.drain();
    const { lines, ok } = await runCommand('status', config);
    expect(ok).toBe(false);
    expect(lines.at(-1)).toContain('stream-differs');
    expect(lines.at(-1)).toContain('PUBLIC');
    expect((await runCommand('up', config)).ok).toBe(true);
    expect((await runCommand('status', config)).ok).toBe(true);
  });

  it('fails clearly without a database', async () => {
    const nowhere = { ...config, databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing' };
    await expect(runCommand('up', nowhere)).rejects.toThrow('ECONNREFUSED');
  });
});
