/** Counters of a kernel by their names. */
export type Counters = Readonly<Record<string, number>>;

/** Of TCP, in a namespace: what it did because packets were late, lost or in another order. */
export const TCP_COUNTERS = [
  ...['RetransSegs', 'TCPTimeouts', 'TCPFastRetrans', 'TCPLossProbes', 'TCPRetransFail'],
  ...['TCPOFOQueue', 'TCPSACKReorder', 'TCPTSReorder', 'TCPDSACKRecv', 'TCPAbortOnTimeout'],
] as const;

/** Reads `/proc/net/netstat` and `/proc/net/snmp`: lines in pairs, names and then numbers. */
export function tcpCounters(text: string): Counters {
  const lines = text.split('\n').filter((line) => /^(TcpExt|Tcp):/.test(line));
  const all = new Map<string, number>();
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const names = (lines[i] ?? '').split(' ').slice(1);
    const numbers = (lines[i + 1] ?? '').split(' ').slice(1);
    names.forEach((name, place) => all.set(name, Number(numbers[place])));
  }
  return Object.fromEntries(TCP_COUNTERS.map((name) => [name, all.get(name) ?? 0]));
}

/** Reads `tc -s -j qdisc show`: packets that the queues of some devices dropped or made wait. */
export function queueCounters(json: string, devices: readonly string[]): Counters {
  const queues = (JSON.parse(json) as readonly QueueReport[]).filter(({ dev }) => devices.includes(dev));
  const sum = (of: (queue: QueueReport) => number | undefined): number =>
    queues.reduce((total, queue) => total + (of(queue) ?? 0), 0);
  return { drops: sum(({ drops }) => drops), overlimits: sum(({ overlimits }) => overlimits) };
}

interface QueueReport {
  readonly dev: string;
  readonly drops?: number;
  readonly overlimits?: number;
}

/** What came on top since `before`; what began to count anew meanwhile, as a hub does that was killed, from 0. */
export function grown(after: Counters, before: Counters): Counters {
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => [
      name,
      value - (value < (before[name] ?? 0) ? 0 : (before[name] ?? 0)),
    ]),
  );
}
