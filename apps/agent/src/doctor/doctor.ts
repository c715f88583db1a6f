import { reasonOf } from '#lib/agent-core';
import type { AgentConfig } from '../agent.config.js';
import { checks } from './checks.js';

/** Runs every check and says each in one line. @returns true when nothing needs a fix */
export async function doctor(config: AgentConfig, say: (line: string) => void): Promise<boolean> {
  let isWell = true;
  for (const { name, run } of checks) {
    const { detail, fix } = await run(config).catch((error: unknown) => ({
      detail: reasonOf(error),
      fix: 'report this',
    }));
    if (fix !== undefined) isWell = false;
    say(
      `${fix === undefined ? 'ok  ' : 'FIX '} ${name.padEnd(13)} ${detail}${fix === undefined ? '' : ` -> ${fix}`}`,
    );
  }
  return isWell;
}
