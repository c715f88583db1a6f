import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from './service.js';

/** A part that ended, or stayed silent, instead of becoming ready. The message carries the end of its own log. */
export class PartNotReady extends Error {
  readonly code = 'part-not-ready';

  constructor(
    private readonly problem: string,
    private readonly logFile: string,
  ) {
    super(`${problem}\n${lastLines(logFile)}`);
  }

  /** All of it in one line: the last complaint of the log, and where the rest is. */
  get line(): string {
    const lines = this.message.split('\n').slice(1);
    const complaint = lines.findLast((line) => /FATAL|PANIC|\[FTL\]|\[ERR\]|nats-server: /.test(line));
    return `${this.problem}: ${complaint ?? lines.at(-1) ?? ''} (see ${this.logFile})`;
  }
}

export interface Readiness {
  /** The part's own log, quoted when it fails. */
  readonly logFile: string;
  readonly isReady: () => Promise<boolean>;
  /** 60 s when left out: a slow machine recovering a large store needs it. */
  readonly timeoutMs?: number;
}

/** Waits until a freshly started service answers. @throws PartNotReady; the service is killed then. */
export async function waitUntilReady(service: Service, readiness: Readiness): Promise<void> {
  const deadline = performance.now() + (readiness.timeoutMs ?? 60_000);
  while (!(await readiness.isReady())) {
    const exit = service.exit();
    const ended = exit === undefined ? undefined : `ended with ${exit.signal ?? `code ${exit.code ?? '?'}`}`;
    const problem = ended ?? (performance.now() > deadline ? 'did not become ready in time' : undefined);
    if (problem !== undefined) {
      await service.kill();
      throw new PartNotReady(`${service.name} ${problem}`, readiness.logFile);
    }
    await sleep(20);
  }
}

/** Asks a health page; a part that does not listen yet is simply not ready. */
export async function answersOk(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
}
