import type { HistoryLine, LineOf } from '../history/lines.js';
import { netFaultKinds, type NetFaultKind } from './steps.js';

type Healed = LineOf<'link-healed'>;

/** What the kernel saw of one kind of fault. */
export interface Sighting {
  readonly kind: NetFaultKind;
  readonly times: number;
  /** So often the kernel's own counters show it. */
  readonly seen: number;
  /** Sums of counters by their names, at the node and at the hub's end. */
  readonly tcp: Readonly<Record<string, number>>;
  readonly hub: Readonly<Record<string, number>>;
  readonly link: Readonly<Record<string, number>>;
}

const isCarrierGone = ({ link }: Healed): boolean => of(link, 'carrierDowns') > 0;

/** By which of the kernel's counters a fault is borne out. */
const evidence: Readonly<Record<NetFaultKind, (healed: Healed) => boolean>> = {
  ...{ cut: isCarrierGone, 'long-cut': isCarrierGone, 'trunk-cut': isCarrierGone },
  offline: (healed) => isCarrierGone(healed) && healed.wentOffline,
  throttled: ({ link }) => of(link, 'overlimits') > 0,
  // Only the struck node's own: the hub hears of other links too.
  reordered: ({ tcp }) => of(tcp, 'TCPOFOQueue') + of(tcp, 'TCPSACKReorder') + of(tcp, 'TCPTSReorder') > 0,
  lossy: ({ hub, link, tcp }) => of(link, 'drops') > 0 && of(tcp, 'RetransSegs') + of(hub, 'RetransSegs') > 0,
  readdressed: ({ hub, tcp }) =>
    of(tcp, 'TCPTimeouts') + of(tcp, 'TCPRetransFail') + of(hub, 'RetransSegs') > 0,
};

/** Whether the kernel's counters bear out that a fault took place. */
export function isSeen(healed: Healed): boolean {
  return evidence[healed.kind](healed);
}

/** What the kernel saw, kind by kind; of kinds that did not come there is nothing. */
export function sightingsOf(lines: readonly HistoryLine[]): readonly Sighting[] {
  const healed = lines.filter((line): line is Healed => line.type === 'link-healed');
  return netFaultKinds.flatMap((kind) => {
    const mine = healed.filter((line) => line.kind === kind);
    if (mine.length === 0) return [];
    const seen = mine.filter(isSeen).length;
    const [tcp, hub, link] = (['tcp', 'hub', 'link'] as const).map((place) =>
      sums(mine.map((line) => line[place])),
    );
    return [{ kind, times: mine.length, seen, tcp: tcp ?? {}, hub: hub ?? {}, link: link ?? {} }];
  });
}

/** The sightings of several seeds as one. */
export function together(all: readonly Sighting[]): readonly Sighting[] {
  return netFaultKinds.flatMap((kind) => {
    const mine = all.filter((one) => one.kind === kind);
    if (mine.length === 0) return [];
    return [
      {
        kind,
        times: mine.reduce((sum, { times }) => sum + times, 0),
        seen: mine.reduce((sum, { seen }) => sum + seen, 0),
        tcp: sums(mine.map(({ tcp }) => tcp)),
        hub: sums(mine.map(({ hub }) => hub)),
        link: sums(mine.map(({ link }) => link)),
      },
    ];
  });
}

function sums(all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const total: Record<string, number> = {};
  for (const one of all)
    for (const [name, value] of Object.entries(one)) total[name] = of(total, name) + value;
  return total;
}

function of(counters: Readonly<Record<string, number>>, name: string): number {
  return counters[name] ?? 0;
}
