import { volumeKpis, type HostSeries, type VolumeBlock, type VolumeKpis } from '#lib/domain';
import type { Variant } from '#lib/events';
import { seriesUnion, type Block, type BlockVariant } from '#lib/metering';
import type { Kpis } from './kpi.view.js';

/** What one variant sent, lost and renewed in blocks that hold both variants, those of a host by time. */
export function volumeOf(blocks: readonly Block[], variant: Variant): VolumeKpis {
  const own = blocks.flatMap((block) => {
    const measured = block[variant];
    return measured === null ? [] : [{ block, measured }];
  });
  return volumeKpis(
    own.map(({ block, measured }) => volumeBlock(block, measured)),
    [...hostsOf(own)].map(([host, variants]) => hostSeries(host, variants)),
  );
}

/** The same figures as the answer has them: both variants side by side. */
export function volumePairs({ baseline, candidate }: Readonly<Record<Variant, VolumeKpis>>): VolumePairs {
  const pair = (name: keyof VolumeKpis) => ({ baseline: baseline[name], candidate: candidate[name] });
  return {
    uniqueSeries: pair('uniqueSeries'),
    churn: pair('churn'),
    bytesPerMinute: pair('bytesPerMinute'),
    wireBytesPerMinute: pair('wireBytesPerMinute'),
    drops: { perMinute: pair('dropsPerMinute'), share: pair('dropShare') },
  };
}

type VolumePairs = Pick<Kpis, 'uniqueSeries' | 'churn' | 'bytesPerMinute' | 'wireBytesPerMinute' | 'drops'>;
type MeasuredBlock = { readonly block: Block; readonly measured: BlockVariant };

function volumeBlock({ host, start, seconds }: Block, measured: BlockVariant): VolumeBlock {
  const { coveredSeconds, points, bytes, wireBytes, use } = measured;
  return { ...{ host, start, seconds, coveredSeconds, points, bytes, wireBytes }, drops: use };
}

function hostsOf(own: readonly MeasuredBlock[]): ReadonlyMap<string, readonly BlockVariant[]> {
  const hosts = new Map<string, BlockVariant[]>();
  for (const { block, measured } of own) {
    const known = hosts.get(block.host);
    if (known === undefined) hosts.set(block.host, [measured]);
    else known.push(measured);
  }
  return hosts;
}

function hostSeries(host: string, variants: readonly BlockVariant[]): HostSeries {
  const union = seriesUnion(variants);
  return { host, unique: union?.unique ?? null, appeared: union?.appeared ?? null };
}
