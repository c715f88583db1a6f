import type { HostAttempt, HostPresence } from '#lib/database';
import type { IngressPort } from '#lib/agent-protocol';
import { bad, noData, ok, unheard, untold, warn, type Check, type Finding } from './check.js';
import { figuresOf, type HostFacts } from './facts.js';

/** Results that wait for longer than a hand-over takes; and a number that says nothing gets through. */
const MANY_RESULTS = 50;
const TOO_MANY_RESULTS = 5_000;
/** Windows that wait. */
const MANY_METRICS = 30;

const DRAIN = 'Nothing is lost and it drains by itself once the link holds: look at link and leaf.';

/** Results that wait for the hub. They are never dropped. */
export const outboxResults: Check = ({ records: { presence } }) => {
  const broken = outboxTrouble(presence);
  if (presence === null || broken !== undefined) return broken ?? unheard();
  const { outboxResults: depth } = presence;
  const detail = `${depth} waiting`;
  if (depth <= MANY_RESULTS) return ok(detail);
  return depth <= TOO_MANY_RESULTS ? warn(detail, DRAIN) : bad(detail, DRAIN);
};

/** Windows that wait for the hub. */
export const outboxMetrics: Check = ({ records: { presence } }) => {
  const broken = outboxTrouble(presence);
  if (presence === null || broken !== undefined) return broken ?? unheard();
  const { outboxMetrics: depth } = presence;
  return depth <= MANY_METRICS
    ? ok(`${depth} waiting`)
    : warn(`${depth} waiting`, 'It drains once the link holds; until then the oldest may be dropped.');
};

function outboxTrouble(presence: HostPresence | null): Finding | undefined {
  const failure = presence?.outboxFailure ?? null;
  return failure === null
    ? undefined
    : bad(`the disk takes no more: ${failure}`, 'Free space in the folder of the agent, or mend its disk.');
}

/** Windows that gave way to newer ones; each such gap is also on record and counts against the evidence. */
export const dropped: Check = ({ records: { presence } }) => {
  if (presence === null) return unheard();
  const { outboxDropped: count } = presence;
  if (count === null) return untold('what it dropped');
  return count === 0
    ? ok('none since the agent started')
    : warn(
        `${count} metrics messages since the agent started`,
        'The link was away for longer than the outbox holds: see to the link, the gap itself is on record.',
      );
};

/** What applications push to the host, and whether shadows get all of it. */
export const pushedData: Check = ({ records: { presence } }) => {
  if (presence === null) return unheard();
  const { ingress } = presence;
  if (ingress === null) return untold('what applications push');
  const wanted = ingress.filter(({ isWanted }) => isWanted);
  if (wanted.length === 0) return ok('no pipeline takes pushed data');
  const detail = wanted.map(portText).join('; ');
  const shut = wanted
    .flatMap(({ grpc, ...http }) => [http, ...(grpc === undefined ? [] : [grpc])])
    .flatMap(({ isOpen, port }) => (isOpen ? [] : [port]));
  if (shut.length > 0)
    return bad(detail, `Free port ${shut.join(' and ')} on the host: another program has it.`);
  if (wanted.some(({ accepted, unavailable }) => accepted === 0 && unavailable > 0))
    return bad(detail, 'No live collector has taken anything yet: look at the last refusal and the log.');
  return wanted.some(({ dropped }) => dropped > 0)
    ? warn(detail, 'Shadows that miss data have gaps: look why the candidate cannot keep up.')
    : ok(detail);
};

function portText({ accepted, copies, dropped, grpc, isOpen, port, unavailable }: IngressPort): string {
  const counts = `${accepted} requests taken, ${unavailable} told to come again, ${dropped} of ${copies} copies for shadows lost`;
  const second = grpc === undefined ? '' : `, for gRPC ${grpc.port} ${grpc.isOpen ? 'open' : 'not open'}`;
  return `port ${port} ${isOpen ? 'open' : 'not open'}${second}, ${counts}`;
}

/** The newest order that failed or was taken back. It is old news once a later one took effect. */
export const lastRefusal: Check = ({ records }) => {
  const { effective, newest, refused } = records;
  if (refused === null)
    return newest === null
      ? noData('no order was given to this host yet', 'Start an experiment that targets it.')
      : ok('no order has failed');
  const { generation, stage, at, reason } = refused;
  const detail = `generation ${generation} ${stage} at ${at}: ${reason ?? 'no reason was given'}`;
  return isOvertaken(refused, effective)
    ? ok(`${detail}; generation ${effective?.generation} took effect since`)
    : bad(detail, 'Mend what the reason names, then start the experiment anew or roll it back.');
};

/** What was ordered against what runs. */
export const generation: Check = (facts) => {
  const { desired, records } = facts;
  if (typeof desired === 'string') return noData(desired, 'Look at the health of the hub.');
  if (desired === null)
    return noData('nothing was ordered from this host yet', 'Start an experiment that targets it.');
  const { effectiveGeneration: runs } = figuresOf(facts);
  const detail = `desired ${desired}, effective ${runs ?? 'none'}`;
  if (isRefused(records, desired)) return bad(`${detail}, refused`, 'See the last refusal.');
  if (runs === desired) return ok(detail);
  return warn(`${detail}${stageText(records.newest)}`, pendingFix(facts, desired));
};

function isRefused({ effective, refused }: HostFacts['records'], desired: number): boolean {
  return refused !== null && refused.generation === desired && !isOvertaken(refused, effective);
}

/** Times of one host's own clock, and the generation first, which no clock can spoil. */
function isOvertaken(refused: HostAttempt, effective: HostAttempt | null): boolean {
  if (effective === null) return false;
  if (effective.generation !== refused.generation) return effective.generation > refused.generation;
  return effective.at > refused.at;
}

function stageText(newest: HostAttempt | null): string {
  return newest === null ? ', not offered yet' : `, generation ${newest.generation} is ${newest.stage}`;
}

function pendingFix(facts: HostFacts, desired: number): string {
  if (facts.records.status !== 'online')
    return 'It is handed over when the host comes back: see to the link.';
  return (facts.records.presence?.generation ?? 0) >= desired
    ? 'The agent has it: wait for it to take effect, or look at the log of the agent.'
    : 'It is offered again every few seconds: wait, then look at the log of the agent.';
}

export const workChecks = {
  'outbox results': outboxResults,
  'outbox metrics': outboxMetrics,
  dropped,
  'pushed data': pushedData,
  'last refusal': lastRefusal,
  generation,
} as const satisfies Record<string, Check>;
