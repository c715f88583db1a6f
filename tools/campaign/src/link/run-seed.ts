import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endInCalm } from './calm-end.js';
import { begin, type Heal } from './faults.js';
import { dump, viewRows } from './history/dump.js';
import type { HistoryLine } from './history/lines.js';
import { linesOf, Recorder } from './history/recorder.js';
import { LongStalls } from './long-stall.js';
import type { Network } from './netns/network.js';
import { CampaignHost, quieten } from './parts/host.js';
import { CampaignHouse } from './parts/house.js';
import type { Way } from './parts/site.js';
import type { Plan, Round, Work } from './plan/steps.js';
import { unrest, type Stage } from './unrest.js';
import { Experiments } from './activity/experiments.js';
import { Tasks } from './activity/tasks.js';

/** The hosts of a seed, by the way that each takes. */
export const ways: readonly Way[] = ['direct', 'leaf', 'http', 'leaf-then-http'];

export type Tell = (line: string) => void;

const QUIET_BUDGET_MS = 240_000;
const LOOK_MS = 500;
/** So often in a row the house must be found quiet. */
const LOOKS = 2;

interface Actors extends Stage {
  readonly experiments: Experiments;
  readonly tasks: Tasks;
}

/** Plays a scenario on real parts and answers its history. @throws Error when parts do not start or end by themselves */
export async function runSeed(plan: Plan, tell: Tell, network?: Network): Promise<readonly HistoryLine[]> {
  const house = await CampaignHouse.open(ways.length, network);
  const hosts: CampaignHost[] = [];
  try {
    for (const way of ways) hosts.push(await CampaignHost.open(house, way, way));
    return await play({ house, hosts }, plan, tell);
  } finally {
    await Promise.all(hosts.map((host) => host.close()));
    await house.close();
  }
}

async function play(
  { house, hosts }: Pick<Stage, 'house' | 'hosts'>,
  plan: Plan,
  tell: Tell,
): Promise<readonly HistoryLine[]> {
  const recorder = new Recorder(join(house.dir, 'campaign.jsonl'));
  const ids = hosts.map(({ id }) => id);
  recorder.note<'seed'>({ type: 'seed', seed: plan.seed, hosts: ids });
  await Promise.all(hosts.map((host) => host.start()));
  const experiments = new Experiments(house.nats, ids);
  const actors: Actors = { house, hosts, recorder, experiments, tasks: new Tasks(house.nats, recorder) };
  await experiments.move('start');
  await rest(actors, tell, false);
  const longStalls = new LongStalls(actors, plan.longStall);
  for (const [i, round] of plan.rounds.entries()) {
    await longStalls.before(i);
    tell(`seed ${plan.seed}: ${round.faults.map((fault) => JSON.stringify(fault)).join(' + ')}`);
    await playRound(actors, round);
  }
  await longStalls.before(plan.rounds.length);
  await quieten(house);
  await experiments.move('start');
  await rest(actors, tell, true);
  await endInCalm(actors, plan.calmEnd);
  await rest(actors, tell, true);
  const seen = await viewRows(house.database);
  const up = hosts.filter(({ isRunning }) => isRunning);
  recorder.note<'up'>({ type: 'up', hosts: up.map(({ id }) => id) });
  await Promise.all(hosts.map((host) => host.stop()));
  const told = hosts.flatMap(({ diary }) => linesOf(diary));
  return [...recorder.lines(), ...house.ends.all, ...told, ...seen, ...(await dump(house))];
}

async function playRound(actors: Actors, { faults, holdMs, works }: Round): Promise<void> {
  const heals: Heal[] = [];
  const before = works.slice(0, works.length / 2).map((work) => doWork(actors, work));
  for (const fault of faults) heals.push(await begin(actors, fault));
  const during = works.slice(works.length / 2).map((work) => doWork(actors, work));
  await sleep(holdMs);
  for (const heal of heals) await heal();
  await Promise.all([...before, ...during]);
}

async function doWork({ experiments, hosts, tasks }: Actors, work: Work): Promise<void> {
  if (work.kind === 'experiment') {
    await experiments.move(work.move);
    return;
  }
  const host = hosts[work.host];
  if (host === undefined) throw new Error(`there is no host ${work.host}`);
  const taskId = await tasks.ask(host.id, work.task, work.seconds);
  if (work.takenBack === 'later') await sleep(LOOK_MS);
  if (work.takenBack !== 'never') await tasks.takeBack(host.id, taskId);
}

/** Waits until nothing is under way. What is by the end of the patience is written down. */
async function rest(actors: Actors, tell: Tell, isEnd: boolean): Promise<void> {
  const deadline = performance.now() + QUIET_BUDGET_MS;
  let left: readonly string[] = [];
  for (let quiet = 0; quiet < LOOKS && performance.now() < deadline;) {
    await sleep(LOOK_MS);
    left = await unrest(actors, actors.experiments.newest);
    // While the hosts still talk, their outboxes are never empty.
    if (!isEnd) left = left.filter((line) => !line.includes('sent'));
    quiet = left.length === 0 ? quiet + 1 : 0;
  }
  for (const what of left) {
    tell(`not quiet: ${what}`);
    actors.recorder.note<'unrest'>({ type: 'unrest', what });
  }
}
