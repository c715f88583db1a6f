import { WINDOW_MS, type ResourceUse } from '#lib/metering';
import { readStat } from '../machine/proc.js';

type Sum = { cpuSeconds: number; rssBytes: number };
type Followed = { readonly pid: number; cpuSeconds: number; readonly windows: Map<number, Sum> };

/** What the meter asks of a collector's use of the machine. */
export type MachineUse = Pick<ResourceUse, 'cpuSeconds' | 'rssBytes'>;

/** CPU and memory of collectors by window, from a look at `/proc` each second. */
export class CollectorUsage {
  private readonly followed = new Map<string, Followed>();

  /** `sincestart`: count the CPU that the process used before now, which a fresh one did for us. */
  follow(instance: string, pid: number, sinceStart: boolean): void {
    const cpuSeconds = sinceStart ? 0 : (cpuOf(pid) ?? 0);
    this.followed.set(instance, { pid, cpuSeconds, windows: new Map() });
  }

  forget(instance: string): void {
    this.followed.delete(instance);
  }

  sample(at: number): void {
    const start = at - (at % WINDOW_MS);
    for (const collector of this.followed.values()) {
      const stat = readStat(collector.pid);
      if (stat === undefined) continue;
      const sum = collector.windows.get(start) ?? { cpuSeconds: 0, rssBytes: 0 };
      const cpuSeconds = stat.userSeconds + stat.systemSeconds;
      sum.cpuSeconds += Math.max(cpuSeconds - collector.cpuSeconds, 0);
      sum.rssBytes = Math.max(sum.rssBytes, stat.rssBytes);
      collector.cpuSeconds = cpuSeconds;
      collector.windows.set(start, sum);
      if (collector.windows.size > MAX_WINDOWS)
        collector.windows.delete(Math.min(...collector.windows.keys()));
    }
  }

  /** The use within the window that began at `start`; undefined where nobody looked. */
  take(instance: string, start: number): MachineUse | undefined {
    const windows = this.followed.get(instance)?.windows;
    const sum = windows?.get(start);
    windows?.delete(start);
    return sum;
  }
}

/** More wait only if nobody closes windows. */
const MAX_WINDOWS = 6;

function cpuOf(pid: number): number | undefined {
  const stat = readStat(pid);
  return stat && stat.userSeconds + stat.systemSeconds;
}
