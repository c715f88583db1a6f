import type { AgentConfig } from '../agent.config.js';

/** What a check found. `fix` says what to do; without it all is well. */
export type Finding = { readonly detail: string; readonly fix?: string };
export type Check = { readonly name: string; readonly run: (config: AgentConfig) => Promise<Finding> };
