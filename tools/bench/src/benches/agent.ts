import { readFileSync } from 'node:fs';
import { setInterval } from 'node:timers/promises';
import type { WindowMessage } from '#lib/metering';
import { bench, type Progress } from '../harness/bench.js';
import { seriesOf } from '../load/scrape.js';
import { shapes } from '../load/synthetic-collector.js';
import { withAgent, type AgentProcess } from '../parts/agent.js';
import { withHub } from '../parts/hub.js';
import { rssBytes } from '../parts/process.js';

const WARM_UP_WINDOWS = 2;
const MEASURED_WINDOWS = 6;
const BUDGET_MS = 240_000;
const SAMPLE_MS = 1_000;
/** `USER_HZ` of Linux on every platform that Node.js runs on. */
const TICKS_PER_SECOND = 100;
const load = `a baseline of ${seriesOf(shapes.baseline)} series and a candidate of ${seriesOf(shapes.candidate)} every 10 s, collectors apart`;

/** What a host pays for being measured. */
export const agentBench = bench({
  metrics: {
    'agent.rss': {
      unit: 'MB',
      goal: { kind: 'limit', atMost: 100 },
      what: `Highest resident memory of the agent process while it meters ${load}.`,
    },
    'agent.cpu': {
      unit: '% of a core',
      goal: { kind: 'limit', atMost: 2 },
      what: `CPU of the agent process over ${MEASURED_WINDOWS} windows with ${load}.`,
    },
  },
  run: (report) =>
    withHub((parts) =>
      withAgent(parts, async (agent) => {
        await agent.order();
        return measure(agent, report);
      }),
    ),
});

/** @throws Error when the agent does not meter the whole load: then its figures would say nothing */
async function measure(agent: AgentProcess, report: Progress) {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(BUDGET_MS)]);
  const rss = sampledRss(agent.pid, ended.signal);
  let full = 0;
  let start = { at: 0, cpuSeconds: 0 };
  try {
    for await (const window of agent.windows(signal)) {
      if (isFull(window)) full += 1;
      else if (full > 0) throw new Error(`a window of ${seriesIn(window).join(' and ')} series`);
      report(`window with ${seriesIn(window).join(' and ')} series`);
      const now = { at: performance.now(), cpuSeconds: cpuSeconds(agent.pid) };
      if (full === WARM_UP_WINDOWS) start = now;
      if (full < WARM_UP_WINDOWS + MEASURED_WINDOWS) continue;
      const cpuPercent = (100 * (now.cpuSeconds - start.cpuSeconds)) / ((now.at - start.at) / 1000);
      ended.abort();
      return { 'agent.rss': { value: await rss }, 'agent.cpu': { value: cpuPercent } };
    }
    throw new Error(`only ${full} full windows within ${BUDGET_MS / 1000} s`);
  } finally {
    ended.abort();
  }
}

function isFull(window: WindowMessage): boolean {
  const [baseline, candidate] = seriesIn(window);
  return baseline === seriesOf(shapes.baseline) && candidate === seriesOf(shapes.candidate);
}

function seriesIn({ collectors }: WindowMessage): readonly number[] {
  return collectors.map(({ activeSeries }) => activeSeries.value);
}

/** The highest of one sample a second until the signal aborts, in MB (10^6 bytes). */
async function sampledRss(pid: number, signal: AbortSignal): Promise<number> {
  let highest = 0;
  try {
    for await (const _ of setInterval(SAMPLE_MS, undefined, { signal }))
      highest = Math.max(highest, rssBytes(pid) / 1e6);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return highest;
}

/** User and system time, fields 14 and 15 of `/proc/<pid>/stat`; the name before them may hold blanks. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
