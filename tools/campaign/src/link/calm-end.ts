import { setTimeout as sleep } from 'node:timers/promises';
import type { AskedKind, Tasks } from './activity/tasks.js';
import { letLeave } from './faults.js';
import { phaseRows } from './history/dump.js';
import { holdEffects } from './parts/host.js';
import type { CalmEnd } from './plan/steps.js';
import type { Stage } from './unrest.js';

type CalmStage = Stage & { readonly tasks: Tasks };

const ANSWER_BUDGET_MS = 60_000;
const POLL_MS = 100;
const FAR_SECONDS = 3_600;
const KINDS: readonly AskedKind[] = ['CollectLogs', 'RestartCollector'];
/** So many of each kind for each host take longer to hand over than the gateway is given. */
const BURST = 3;
const UNANSWERED: ReadonlySet<string> = new Set(['requested', 'offered']);

/**
 * A gateway leaves while nothing else is the matter. Every host has tasks that it has taken and that do not end, and
 * others are being handed over: all that a gateway can leave half done. Call it when the house is at rest.
 */
export async function endInCalm(stage: CalmStage, { leadMs }: CalmEnd): Promise<void> {
  const { house, recorder } = stage;
  const letGo = await holdEffects(house);
  await answered(stage, await askAll(stage));
  recorder.note<'calm'>({ type: 'calm' });
  await askAll(stage, BURST);
  await sleep(leadMs);
  await letLeave(stage);
  await house.gateways.add();
  // Tasks of a host are handed over in their order: once these are answered, all that waited was handed over before.
  await answered(stage, await askAll(stage));
  await letGo();
}

async function askAll({ hosts, tasks }: CalmStage, times = 1): Promise<readonly string[]> {
  const up = hosts.filter(({ isRunning }) => isRunning);
  const kinds = Array.from({ length: times }, () => KINDS).flat();
  const asked = up.flatMap(({ id }) => kinds.map((kind) => tasks.ask(id, kind, FAR_SECONDS)));
  return Promise.all(asked);
}

/** Waits until the hosts have taken the tasks. What they have not by the end of the patience is written down. */
async function answered({ house, recorder }: CalmStage, taskIds: readonly string[]): Promise<void> {
  const deadline = performance.now() + ANSWER_BUDGET_MS;
  for (;;) {
    const phases = new Map((await phaseRows(house.database)).map(({ phase, taskId }) => [taskId, phase]));
    const waiting = taskIds.filter((taskId) => UNANSWERED.has(phases.get(taskId) ?? 'requested'));
    if (waiting.length === 0) return;
    if (performance.now() > deadline) {
      for (const taskId of waiting)
        recorder.note<'unrest'>({ type: 'unrest', what: `${taskId} is not answered although all is calm` });
      return;
    }
    await sleep(POLL_MS);
  }
}
