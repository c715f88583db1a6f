import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** A database of its own on an existing server. */
export interface ScratchDatabase {
  readonly url: string;
  /** Drops the database, cutting off whoever is still connected. */
  drop(): Promise<void>;
}

/** Creates an empty database beside the one that `serverUrl` names; its role needs CREATEDB. */
export async function createScratchDatabase(serverUrl: string): Promise<ScratchDatabase> {
  const name = `phoenix_scratch_${randomBytes(6).toString('hex')}`;
  await execute(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
