import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Log } from '../process/service.js';
import { runTool, withTicks } from './work.js';

/** An official release: an archive, and a file with the SHA-256 sums of all archives of that release. */
export interface Release {
  readonly baseUrl: string;
  readonly archive: string;
  readonly checksums: string;
  /** Leading folders to drop when unpacking. */
  readonly strip: 0 | 1;
}

/** Short, because machines without a way to the internet often let connections hang. */
const firstAnswerMs = 5_000;
const silenceMs = 20_000;

/**
 * Downloads, verifies and unpacks a release into `folder`.
 * @throws Error when it cannot be reached or its checksum differs.
 */
export async function unpackRelease(release: Release, folder: string, log: Log): Promise<void> {
  const expected = checksumOf(release.archive, await fetchText(`${release.baseUrl}/${release.checksums}`));
  const archive = join(folder, release.archive);
  await withTicks(`downloading ${release.archive}`, log, () =>
    download(`${release.baseUrl}/${release.archive}`, archive),
  );
  const actual = await sha256(archive);
  if (actual !== expected) throw new Error(`${release.archive} has checksum ${actual}, not ${expected}`);
  await runTool({
    command: 'tar',
    args: ['-xzf', archive, `--strip-components=${release.strip}`],
    cwd: folder,
  });
  await rm(archive);
}

/** Finds a file's sum in the output format of `sha256sum`. */
export function checksumOf(file: string, checksums: string): string {
  for (const line of checksums.split('\n')) {
    const [sum, name] = line.trim().split(/\s+\*?/);
    if (name === file && sum !== undefined && /^[0-9a-f]{64}$/.test(sum)) return sum;
  }
  throw new Error(`the release lists no checksum for ${file}`);
}

async function open(url: string, signal: AbortSignal): Promise<Response> {
  const answer = await fetch(url, { signal }).catch((cause: unknown) => {
    throw new Error(`cannot reach ${new URL(url).host}`, { cause });
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer;
}

async function fetchText(url: string): Promise<string> {
  return (await open(url, AbortSignal.timeout(firstAnswerMs))).text();
}

async function download(url: string, path: string): Promise<void> {
  const abort = new AbortController();
  let silence = setTimeout(() => abort.abort(), firstAnswerMs);
  try {
    const answer = await open(url, abort.signal);
    if (answer.body === null) throw new Error(`${url} answered nothing`);
    const heartbeat = new Transform({
      transform(chunk, _encoding, done) {
        clearTimeout(silence);
        silence = setTimeout(() => abort.abort(), silenceMs);
        done(null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(answer.body), heartbeat, createWriteStream(path));
  } finally {
    clearTimeout(silence);
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
