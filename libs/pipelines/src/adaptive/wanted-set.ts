import { memberKey, type ProcessMember } from '../process-rules.js';
import type { ProcessUse } from '../topk/process-load.js';
import type { AdaptiveSettings } from './adaptive-settings.js';
import type { Band } from './load-band.js';

/** The band of each resource of the host. */
export type Bands = { readonly cpu: Band; readonly memory: Band };

/** By how much a newcomer must beat a member where there is no room for both. */
const margin = 1.1;

type Candidate = { readonly process: ProcessMember; readonly pressure: number; readonly isMember: boolean };

/**
 * The processes that should be in the set now, the strongest first: those above a limit, members that are not yet
 * below the off share of all limits, and as many more as the floor asks for; critical ones are in anyhow and only
 * take their room. The pressure of a process is how many times it is over the limit that it exceeds most.
 */
export function wantedSet(
  uses: readonly ProcessUse[],
  members: ReadonlySet<string>,
  bands: Bands,
  settings: AdaptiveSettings,
): readonly ProcessMember[] {
  const { criticalProcesses, k, offPercent } = settings;
  const critical = new Set(criticalProcesses);
  const free = uses.filter(({ executable }) => !critical.has(executable));
  const room = Math.max(settings.maxProcesses - (uses.length - free.length), 0);
  const seats = Math.min(room, ceiling(bands, k));
  const pressure = pressureUnder(bands, settings);
  const ordered = free
    .map((process) => ({ process, pressure: pressure(process), isMember: members.has(memberKey(process)) }))
    .sort(strongestFirst);
  const isIn = ({ isMember, pressure: over }: Candidate): boolean =>
    over >= 1 || (isMember && over >= offPercent / 100 && over > 0);
  const inside = ordered.filter(isIn);
  const fill = ordered.filter((one) => !isIn(one)).slice(0, Math.max((k?.min ?? 0) - inside.length, 0));
  return [...inside, ...fill].slice(0, seats).map(({ process }) => process);
}

/** The number of seats of a host in these bands; the fuller resource decides. */
function ceiling({ cpu, memory }: Bands, k: AdaptiveSettings['k']): number {
  if (k === undefined) return Number.POSITIVE_INFINITY;
  return k.min + Math.round(((k.max - k.min) * Math.max(cpu, memory)) / 2);
}

function pressureUnder(bands: Bands, settings: AdaptiveSettings): (process: ProcessUse) => number {
  const cores = settings.cpuCores * settings.factors[bands.cpu];
  const bytes = settings.memoryBytes * settings.factors[bands.memory];
  return (process) =>
    Math.max(cores > 0 ? process.cores / cores : 0, bytes > 0 ? process.memoryBytes / bytes : 0);
}

/** Members first where a newcomer is not stronger by the margin; then the lower pid, so that ties are settled. */
function strongestFirst(a: Candidate, b: Candidate): number {
  const weight = ({ isMember, pressure }: Candidate): number => pressure * (isMember ? margin : 1);
  return weight(b) - weight(a) || Number(b.isMember) - Number(a.isMember) || a.process.pid - b.process.pid;
}
