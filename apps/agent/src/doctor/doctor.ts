import { reasonOf } from '#lib/agent-core';
import type { AgentConfig } from '../agent.config.js';
import { checks } from './checks.js';
import type { Finding } from './finding.js';

/** A finding under the name of its check. */
export type Diagnosis = Finding & { readonly name: string };

/** Runs every check, in order; one that fails itself is a finding too. */
export async function doctor(config: AgentConfig): Promise<readonly Diagnosis[]> {
  const found: Diagnosis[] = [];
  for (const { name, run } of checks) {
    const finding = await run(config).catch((error: unknown) => ({
      detail: reasonOf(error),
      fix: 'report this',
    }));
    found.push({ name, ...finding });
  }
  return found;
}

/** A diagnosis in one line. */
export function diagnosisLine({ detail, fix, name }: Diagnosis): string {
  return `${fix === undefined ? 'ok  ' : 'FIX '} ${name.padEnd(13)} ${detail}${fix === undefined ? '' : ` -> ${fix}`}`;
}
