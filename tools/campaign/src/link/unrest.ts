import { attemptRows, cursorRows, phaseRows, viewRows, wants } from './history/dump.js';
import type { HistoryLine, LineOf } from './history/lines.js';
import { linesOf, type Recorder } from './history/recorder.js';
import type { CampaignHost } from './parts/host.js';
import type { CampaignHouse } from './parts/house.js';

const FINAL: ReadonlySet<string> = new Set(['done', 'failed', 'expired', 'cancelled']);

export interface Stage {
  readonly house: CampaignHouse;
  readonly hosts: readonly CampaignHost[];
  readonly recorder: Recorder;
}

/** What makes a fault good again. */
export type Heal = () => Promise<void>;

/** What is still under way, in words; nothing once the house is quiet. */
export async function unrest(stage: Stage, experiment: string): Promise<readonly string[]> {
  const { hosts, recorder } = stage;
  const diaries = new Map(hosts.map(({ diary, id }) => [id as string, linesOf(diary)]));
  return [
    ...(await unsent(stage.house, diaries)),
    ...(await unapplied(stage, experiment)),
    ...(await unfinished(stage.house, recorder.lines())),
    ...(await unseen(stage)),
  ];
}

/** Outboxes that are not empty, or not taken. */
async function unsent(house: CampaignHouse, diaries: ReadonlyMap<string, readonly HistoryLine[]>) {
  const taken = new Map(
    (await cursorRows(house.database)).map(({ epoch, host, n }) => [`${host} ${epoch}`, n]),
  );
  return [...diaries].flatMap(([host, lines]) => {
    const epoch = lines.findLast(({ type }) => type === 'boot');
    if (epoch?.type !== 'boot') return [`${host} has not begun`];
    return (['results', 'metrics'] as const).flatMap((lane) => {
      const last = lastN(lines, { type: 'appended', lane, epoch: epoch.epoch });
      const sent = lastN(lines, { type: 'cursor', lane, epoch: epoch.epoch });
      const arrived = lane === 'results' ? (taken.get(`${host} ${epoch.epoch}`) ?? 0) : last;
      return sent < last || arrived < last
        ? [`${host} ${lane}: ${sent} of ${last} sent, ${arrived} taken`]
        : [];
    });
  });
}

function lastN(
  lines: readonly HistoryLine[],
  { epoch, lane, type }: Pick<LineOf<'appended' | 'cursor'>, 'epoch' | 'lane' | 'type'>,
): number {
  const found = lines.findLast(
    (line) =>
      (line.type === 'appended' || line.type === 'cursor') &&
      line.type === type &&
      line.lane === lane &&
      line.epoch === epoch,
  );
  return found !== undefined && 'n' in found ? found.n : 0;
}

/** Hosts that do not run what the newest experiment wants. */
async function unapplied({ hosts, house }: Stage, experiment: string): Promise<readonly string[]> {
  const wanted = new Map((await wants(house.nats)).map((want) => [want.host, want]));
  const rows = await attemptRows(house.database);
  return hosts.flatMap(({ id }) => {
    const want = wanted.get(id);
    if (want?.experimentId !== experiment) return [`${id} is not yet to run ${experiment}`];
    const isIn = rows.some(
      ({ generation, host, stage }) => host === id && generation === want.generation && stage === 'effective',
    );
    return isIn ? [] : [`${id} has not applied generation ${want.generation}`];
  });
}

/** Hosts that are there, and that people do not see online. */
async function unseen({ hosts, house }: Stage): Promise<readonly string[]> {
  const statuses = new Map((await viewRows(house.database)).map(({ host, status }) => [host, status]));
  return hosts
    .filter(({ id, isRunning }) => isRunning && statuses.get(id) !== 'online')
    .map(({ id }) => `${id} is up, and ${statuses.get(id) ?? 'not there'} in the read model`);
}

/** Tasks that are not over. What a wiped host had accepted is nobody's to finish. */
async function unfinished({ database }: CampaignHouse, lines: readonly HistoryLine[]) {
  const phases = new Map((await phaseRows(database)).map(({ phase, taskId }) => [taskId, phase]));
  const wiped = lines.filter((line) => line.type === 'wiped');
  return lines.flatMap((line) => {
    if (line.type !== 'asked') return [];
    const phase = phases.get(line.taskId) ?? 'not known';
    const isLost = wiped.some(({ at, host }) => host === line.host && at >= line.at);
    return FINAL.has(phase) || isLost ? [] : [`${line.taskId} of ${line.host} is ${phase}`];
  });
}
