import { svg } from './dom.js';

const WIDTH = 100;
const HEIGHT = 40;

/** Active series of both variants over time, from zero up, so that heights compare truly. */
export function seriesChart(blocks) {
  if (blocks.length < 2) return null;
  const top = Math.max(1, ...blocks.flatMap(({ baseline, candidate }) => [baseline ?? 0, candidate ?? 0]));
  return svg(
    'svg',
    {
      class: 'chart',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': `Active series in ${blocks.length} blocks of time; the figures stand above.`,
    },
    svg('path', { class: 'floor', d: `M0 ${HEIGHT}H${WIDTH}` }),
    svg('path', { class: 'baseline', d: line(blocks, 'baseline', top) }),
    svg('path', { class: 'candidate', d: line(blocks, 'candidate', top) }),
  );
}

/** A missing block breaks the line: a gap is shown as a gap. */
function line(blocks, variant, top) {
  let pen = 'M';
  return blocks
    .map((block, index) => {
      const value = block[variant];
      if (value === null) {
        pen = 'M';
        return '';
      }
      const step = `${pen}${((WIDTH * index) / (blocks.length - 1)).toFixed(2)} ${(HEIGHT * (1 - value / top)).toFixed(2)}`;
      pen = 'L';
      return step;
    })
    .join('');
}
