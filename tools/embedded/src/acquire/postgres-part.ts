import { Client } from 'pg';
import { findPostgresBinaries } from '../postgres/binaries.js';
import type { Log } from '../process/service.js';
import { PartMissing, type FoundPart } from './part.js';
import { sizeOfFolder } from './probe.js';

/**
 * The Postgres that Phoenix will use: the server of `DATABASE_URL`, else the binaries that npm brought.
 * @throws PartMissing when that server does not answer, or npm brought none.
 */
export async function resolvePostgres(log: Log): Promise<FoundPart> {
  const existing = process.env['DATABASE_URL'];
  if (existing !== undefined && existing !== '') return existingServer(existing);
  const binaries = await findPostgresBinaries(log).catch((cause: unknown) => {
    throw new PartMissing(cause instanceof Error ? cause.message : 'no Postgres', { cause });
  });
  return {
    path: binaries.postgres,
    version: binaries.version,
    source: 'npm',
    cached: true,
    bytes: await sizeOfFolder(binaries.home),
  };
}

async function existingServer(url: string): Promise<FoundPart> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const answer = await client.query<{ server_version: string }>('SHOW server_version');
    const version = answer.rows[0]?.server_version.split(' ')[0] ?? 'unknown';
    return { path: 'DATABASE_URL', version, source: 'env', cached: true, bytes: 0 };
  } catch (cause) {
    // The URL holds a password, so it is named and never quoted.
    throw new PartMissing('the server of DATABASE_URL does not answer: check the URL, or unset it', {
      cause,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}
