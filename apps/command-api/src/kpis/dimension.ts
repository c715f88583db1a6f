import type { NamedBlock } from '#lib/domain';
import type { Variant } from '#lib/events';
import { NONE, type BlockName, type BlockVariant } from '#lib/metering';
import type { JudgedBlock } from '../shared/views/blocks.js';
import type { BreakdownKind } from '../shared/views/breakdown.view.js';

/** What to break down by. Host groups are the values of one label, with the formula that counts a host's series. */
export type Dimension =
  | { readonly by: Exclude<BreakdownKind, 'host-group'>; readonly label?: undefined }
  | {
      readonly by: 'host-group';
      readonly label: string;
      readonly groupOf: (host: string) => string | undefined;
      readonly formulaVersion: string;
    };

/** The list of a block that holds the names. */
const lists = {
  metric: 'metrics',
  executable: 'executables',
  service: 'services',
  namespace: 'namespaces',
} as const;

/** True where a variant of the block does not tell what is asked: an older meter counted, or no minute ended in it. */
export function uncounted({ block: { baseline, candidate } }: JudgedBlock, by: BreakdownKind): boolean {
  if (by === 'host-group') return false;
  const tells = (measured: BlockVariant | null): boolean =>
    by === 'attribute' ? (measured?.attributes ?? []).length > 0 : measured?.[lists[by]] !== undefined;
  return by === 'attribute' ? !tells(baseline) && !tells(candidate) : !tells(baseline) || !tells(candidate);
}

/** What one variant sent in each block, by name. */
export function namedBlocks(
  blocks: readonly JudgedBlock[],
  variant: Variant,
  dimension: Dimension,
): readonly NamedBlock[] {
  return blocks.flatMap((judged) => {
    const measured = judged.block[variant];
    if (measured === null) return [];
    const { coveredSeconds } = measured;
    return [{ host: judged.block.host, coveredSeconds, names: namesIn(judged, measured, dimension) }];
  });
}

function namesIn(
  { block, evidence }: JudgedBlock,
  measured: BlockVariant,
  dimension: Dimension,
): NamesOfBlock {
  if (dimension.by === 'attribute') return [];
  if (dimension.by !== 'host-group') return measured[lists[dimension.by]] ?? [];
  const name = dimension.groupOf(block.host) ?? NONE;
  const series = evidence[measured.variant]?.activeSeries?.value ?? NaN;
  return [{ name, points: measured.points, series }];
}

type NamesOfBlock = readonly Pick<BlockName, 'name' | 'points' | 'series'>[];

/** Why there is no name to show. `isTold`: whether any block tells what was asked. */
export function nameless({ by, label = '' }: Dimension, isTold: boolean): string {
  switch (by) {
    case 'metric':
      return 'no data point was counted';
    case 'executable':
      return 'no data point belongs to a process';
    case 'attribute':
      return 'attribute values are counted by whole minutes, and none has ended yet';
    case 'service':
      return isTold ? 'no resource names a service (service.name)' : OLD_METERS;
    case 'namespace':
      return isTold ? 'no resource names a namespace (service.namespace)' : OLD_METERS;
    case 'host-group':
      return `no host has the label ${label}`;
  }
}

const OLD_METERS = 'the agents of these hosts do not count it; newer ones do';
