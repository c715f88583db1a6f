import type { PreviewReport } from '#lib/agent-protocol';

type Executable = PreviewReport['processes']['executables'][number];

/** The worst first: what is left out of a list is what changes least. */
const order: readonly Executable['outcome'][] = ['lost', 'merged', 'partly', 'kept'];

/** The card with lists of so many entries at most; critical processes and all figures stay. It says what it left out. */
export function shortenedCard(card: PreviewReport, kept: number): PreviewReport {
  const { attributes, attribution, limits, metrics, processes } = card;
  const lists: (readonly unknown[])[] = [];
  const cut = <T>(list: readonly T[]): readonly T[] => {
    lists.push(list);
    return list.slice(0, kept);
  };
  const byOutcome = [...processes.executables].sort(
    (a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome),
  );
  const shorter = {
    ...card,
    processes: { ...processes, executables: cut(byOutcome) },
    metrics: { lost: cut(metrics.lost), added: cut(metrics.added) },
    attributes: { lost: cut(attributes.lost), added: cut(attributes.added) },
    attribution: {
      ...attribution,
      metrics: cut([...attribution.metrics].sort((a, b) => b.saved.series - a.saved.series)),
      attributes: cut(attribution.attributes),
    },
  };
  const left = lists.reduce((sum, { length }) => sum + Math.max(0, length - kept), 0);
  if (left === 0) return card;
  const text = `Lists end after ${kept} entries, the worst first; ${left} are left out.`;
  return { ...shorter, limits: [...limits, { code: 'shortened', text }] };
}
