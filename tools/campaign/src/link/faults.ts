import { setTimeout as sleep } from 'node:timers/promises';
import { attemptRows, hostEvents } from './history/dump.js';
import { beginOnLink } from './netns/faults.js';
import { isNetFault, type NetFault } from './netns/steps.js';
import type { CampaignHost } from './parts/host.js';
import type { CentralFault, Fault, HostFault } from './plan/steps.js';
import type { Heal, Stage } from './unrest.js';

export type { Heal } from './unrest.js';

const CRASH_BUDGET_MS = 15_000;
const POLL_MS = 50;
const healed: Heal = () => Promise.resolve();

/** Does it to the house, and tells what will make it good. */
export async function begin(stage: Stage, fault: Fault): Promise<Heal> {
  const { recorder } = stage;
  const { kind } = fault;
  if (isNetFault(fault)) return beginOnNetwork(stage, fault);
  if (!('host' in fault)) {
    recorder.note<'fault'>({ type: 'fault', kind, target: JSON.stringify(fault) });
    return beginInTheMiddle(stage, fault);
  }
  const host = hostAt(stage, fault.host);
  recorder.note<'fault'>({ type: 'fault', kind, target: host.id });
  return beginAtHost(stage, host, fault);
}

async function beginOnNetwork(stage: Stage, fault: NetFault): Promise<Heal> {
  const { network } = stage.house;
  if (network === undefined) throw new Error(`a ${fault.kind} needs real links`);
  stage.recorder.note<'fault'>({ type: 'fault', kind: fault.kind, target: JSON.stringify(fault) });
  return beginOnLink(stage, network, fault);
}

async function beginAtHost(stage: Stage, host: CampaignHost, fault: HostFault): Promise<Heal> {
  const heal: Heal = () => {
    host.link.heal();
    return Promise.resolve();
  };
  switch (fault.kind) {
    case 'stall':
      host.link.stall();
      return heal;
    case 'slow':
      host.link.slow(fault.delayMs, fault.bytesPerSecond);
      return heal;
    case 'reset':
      host.link.reset();
      return healed;
    case 'leaf-killed':
      await host.restartLeaf();
      return healed;
    case 'host-killed':
      await host.kill();
      return () => host.start();
    case 'disk-wiped':
      await host.wipe();
      stage.recorder.note<'wiped'>({ type: 'wiped', host: host.id });
      await host.start();
      return healed;
    case 'host-crashed':
      await host.kill();
      await host.start(fault.crash);
      return () => afterCrash(host);
  }
}

async function beginInTheMiddle(stage: Stage, fault: CentralFault): Promise<Heal> {
  const { gateways } = stage.house;
  switch (fault.kind) {
    case 'hub-killed':
      await stage.house.restartHub(fault.downMs, sleep);
      return healed;
    case 'two-gateways':
      await gateways.add();
      return () => gateways.kill();
    case 'gateway-killed':
    case 'gateway-left':
      await replaceGateway(stage, fault);
      return healed;
  }
}

async function replaceGateway(
  stage: Stage,
  { kind, next }: Extract<CentralFault, { readonly next: 'before' | 'after' }>,
): Promise<void> {
  const { gateways } = stage.house;
  if (next === 'before') await gateways.add();
  if (kind === 'gateway-killed') await gateways.kill();
  else await letLeave(stage);
  if (next === 'after') await gateways.add();
}

/** With a second gateway at work, what is half done says nothing about the one that left. */
export async function letLeave({ house, recorder }: Stage): Promise<void> {
  const { gateways } = house;
  const before = gateways.count === 1 ? await ledger(house) : undefined;
  const { code, ms, signal } = await gateways.leave();
  const left = before === undefined ? { events: [], rows: [] } : await ledger(house);
  const events = left.events.filter((event) => before?.events.some((one) => isSame(one, event)) !== true);
  recorder.note<'gateway-left'>({ type: 'gateway-left', code, signal, ms, events, rows: left.rows });
}

type Step = { readonly host: string; readonly generation: number; readonly stage: string };

const stepOf = ({ generation, host, stage }: Step): Step => ({ host, generation, stage });
const isSame = (a: Step, b: Step): boolean =>
  a.host === b.host && a.generation === b.generation && a.stage === b.stage;

async function ledger({ database, nats }: Stage['house']) {
  return {
    events: (await hostEvents(nats)).map(stepOf),
    rows: (await attemptRows(database)).map(stepOf),
  };
}

/** The crash is waited for; where it does not come, the process is killed wherever it is. */
async function afterCrash(host: CampaignHost): Promise<void> {
  const deadline = performance.now() + CRASH_BUDGET_MS;
  while (host.isRunning && performance.now() < deadline) await sleep(POLL_MS);
  if (host.isRunning) await host.kill();
  await host.start();
}

function hostAt({ hosts }: Stage, place: number): CampaignHost {
  const host = hosts[place];
  if (host === undefined) throw new Error(`there is no host ${place}`);
  return host;
}
