import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where Phoenix answers, and how to log in there. */
export interface Connection {
  readonly apiUrl: string;
  readonly email: string;
  readonly password: string;
  /** How to ask the agent of this host, where the running Phoenix has one here. */
  readonly agent?: Readonly<Record<string, string>>;
}

/** Thrown when nobody said where Phoenix is. */
export class NoConnection extends Error {
  override readonly name = 'NoConnection';
  constructor() {
    super(
      'no running Phoenix found. Start one with `npm start`, or set PHOENIX_API_URL, PHOENIX_EMAIL and PHOENIX_PASSWORD_FILE.',
    );
  }
}

/** The environment first, then the file that a running embedded Phoenix leaves. @throws NoConnection */
export function findConnection(environment: NodeJS.ProcessEnv = process.env): Connection {
  const { PHOENIX_API_URL: apiUrl, PHOENIX_EMAIL: email, PHOENIX_PASSWORD_FILE: file } = environment;
  if (apiUrl !== undefined && email !== undefined && file !== undefined)
    return { apiUrl, email, password: readFileSync(file, 'utf8').trim() };
  for (const path of connectionFiles(environment)) if (existsSync(path)) return readConnection(path);
  throw new NoConnection();
}

/** Where a program that we start looks for others and for its own files. */
export function searchPaths(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const { HOME, PATH } = environment;
  return { HOME, PATH };
}

function readConnection(path: string): Connection {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Connection;
  } catch {
    throw new Error(`${path} is damaged: start Phoenix again, it writes it anew`);
  }
}

function connectionFiles(environment: NodeJS.ProcessEnv): readonly string[] {
  const { PHOENIX_DATA_DIR: data } = environment;
  // Whoever names a folder means the Phoenix in it and no other.
  if (data !== undefined && data !== '') return [join(data, 'connection.json')];
  return [
    join(repositoryRoot(), '.phoenix', 'connection.json'),
    join(homedir(), '.phoenix', 'connection.json'),
  ];
}

/** The nearest folder above this file that holds a package.json; the same from the sources and from the build. */
export function repositoryRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

/** What git inherits, and where the token for a repository stands: `PHOENIX_GIT_TOKEN`. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}
