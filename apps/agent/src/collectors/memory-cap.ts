import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { reasonOf } from '#lib/agent-core';
import type { CollectorLimits } from '#lib/agent-protocol';

/** What the kernel itself holds a collector to, should the agent not be there to take it back. */
export type MemoryCap = {
  /** What stands before the program and its arguments. */
  readonly prefixFor: (limits: CollectorLimits) => readonly string[];
  /** For people. */
  readonly description: string;
};

const run = promisify(execFile);
/** The Go runtime reserves some 60 MiB more than it holds. */
const SLACK_BYTES = 128 * 1024 * 1024;

/**
 * Caps the writable memory of a collector (RLIMIT_DATA) at twice its limit, so that the guardrail speaks first, and
 * lets it write no core file, which would hold its secrets. No rlimit bounds the rate of CPU.
 */
export async function memoryCap(): Promise<MemoryCap> {
  const prefixFor = ({ memory }: CollectorLimits): readonly string[] => [
    'prlimit',
    '--core=0',
    `--data=${2 * memory.rssBytes + SLACK_BYTES}`,
  ];
  try {
    await run('prlimit', ['--core=0', `--data=${SLACK_BYTES}`, 'true'], { timeout: 5_000 });
    return { prefixFor, description: 'memory of candidates capped by rlimit, CPU by the guardrail only' };
  } catch (error) {
    const reason = reasonOf(error).trim().split('\n').at(-1) ?? '';
    return {
      prefixFor: () => [],
      description: `memory and CPU of candidates capped by the guardrails only, because prlimit does not work here: ${reason}`,
    };
  }
}
