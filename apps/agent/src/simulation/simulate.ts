import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '#lib/agent-core';
import type { Simulate, SimulationReport } from '#lib/agent-protocol';
import { openCrew, type Crew } from './crew.js';
import { planOf, seeded, type SimulationPlan } from './plan.js';

export type SimulationTools = {
  /** Where simulations keep their programs while they run. */
  readonly folder: string;
};

export type SimulateOptions = SimulationTools & {
  /** Tells how far it is. */
  readonly progress: (note: string) => Promise<void>;
  readonly clock: Clock;
};

/** Where the simulations of an agent live. */
export function simulationsFolder(agentFolder: string): string {
  return join(agentFolder, 'simulations');
}

const LOOK_MS = 1_000;
const TELL_SECONDS = 10;
/** The processes keep to their shares by themselves; who measures more than this for the run ends it. */
const TOLERANCE = 1.25;
/** Starting so many shells costs some CPU too. */
const START_SECONDS = 10;

/**
 * Runs real processes on this host for the collectors to see. Nothing of them is left when the promise settles.
 * @returns the report as the detail of a result @throws Error with the reason, or the signal's when it is aborted
 */
export async function simulate(
  task: Simulate,
  options: SimulateOptions,
  signal: AbortSignal,
): Promise<string> {
  const plan = planOf(task, { cpus: availableParallelism(), memoryBytes: totalmem() });
  const crew = await openCrew({
    folder: join(options.folder, task.taskId),
    seconds: task.seconds,
    clock: options.clock,
  });
  try {
    const seconds = await run({ task, plan, crew }, options, signal);
    return JSON.stringify(reportOf({ task, plan, crew }, seconds));
  } finally {
    await crew.close();
  }
}

type Run = { readonly task: Simulate; readonly plan: SimulationPlan; readonly crew: Crew };

/** @returns seconds that it took */
async function run(
  { crew, plan, task }: Run,
  options: SimulateOptions,
  signal: AbortSignal,
): Promise<number> {
  const { clock, progress } = options;
  const next = seeded(`${task.taskId} churn`);
  for (const one of plan.processes) crew.start(one);
  const begun = clock.now();
  const elapsed = (): number => (clock.now() - begun) / 1000;
  const { bounds, churn } = plan;
  let changed = 0;
  let told = 0;
  while (elapsed() < task.seconds) {
    await clock.sleep(Math.min(LOOK_MS, Math.max(1, (task.seconds - elapsed()) * 1000)), signal);
    crew.look();
    const allowed = bounds.cores * TOLERANCE * elapsed() + START_SECONDS;
    if (crew.cpuSeconds() > allowed)
      throw new Error(`ended, because its processes used more CPU than ${bounds.cores} cores`);
    if (churn !== undefined && elapsed() >= (changed + 1) * churn.everySeconds) {
      changed += 1;
      crew.replace(churn.processes, next);
    }
    if (elapsed() >= (told + 1) * TELL_SECONDS) {
      told = Math.floor(elapsed() / TELL_SECONDS);
      await progress(`${crew.present()} processes run, ${told * TELL_SECONDS} s of ${task.seconds} s`);
    }
  }
  return Math.round(elapsed());
}

function reportOf({ crew, plan, task }: Run, seconds: number): SimulationReport {
  crew.look();
  const roll = crew.roll();
  const names = [...new Set(roll.map(({ plan: { className } }) => className))].sort();
  const cpuOf = (members: typeof roll): number =>
    round(members.reduce((sum, one) => sum + one.cpuSeconds, 0));
  return {
    kind: 'simulation',
    profile: task.profile,
    seconds,
    processes: roll.length,
    executables: new Set(roll.map(({ plan: { executable } }) => executable)).size,
    endedEarly: roll.filter(({ isLost }) => isLost).length,
    cpuSeconds: cpuOf(roll),
    classes: names.map((name) => {
      const members = roll.filter(({ plan: { className } }) => className === name);
      return { name, processes: members.length, cpuSeconds: cpuOf(members) };
    }),
    bounds: plan.bounds,
    user: crew.user,
  };
}

function round(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}
