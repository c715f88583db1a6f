import type { HostCheck } from '../../shared/views/host-debug.view.js';
import type { HostFacts } from './facts.js';

/** What a check finds; its name comes with the list of checks. */
export type Finding = Omit<HostCheck, 'name'>;
export type Check = (facts: HostFacts) => Finding;

export const ok = (detail: string): Finding => ({ status: 'ok', detail, fix: null });
export const warn = (detail: string, fix: string): Finding => ({ status: 'warn', detail, fix });
export const bad = (detail: string, fix: string): Finding => ({ status: 'bad', detail, fix });
export const noData = (detail: string, fix: string): Finding => ({ status: 'no-data', detail, fix });

/** The host was never heard of, so that nothing of it is known. */
export const unheard = (): Finding => noData('no heartbeat yet', 'Start the agent on the host.');
/** The agent is of a time before it told this. */
export const untold = (what: string): Finding =>
  noData(`the agent does not tell ${what}`, 'Update the agent; this one may be too old to tell.');
