import { h, svg } from './dom.js';
import { countText, windowText } from './format.js';

const WIDTH = 100;
const HEIGHT = 40;
/** So that the line of the largest value is not cut in half. */
const MARGIN = 1;

/** Active series of both variants over time, from zero up, so that heights compare truly. */
export function seriesChart(blocks) {
  if (blocks.length < 2) return null;
  const top = Math.max(1, ...blocks.flatMap(({ baseline, candidate }) => [baseline ?? 0, candidate ?? 0]));
  const last = blocks.at(-1);
  const to = new Date(Date.parse(last.start) + last.seconds * 1000).toISOString();
  const caption = `From 0 to ${countText(Math.round(top), 'series', 'series')}, ${windowText({ from: blocks[0].start, to })}. The baseline is the dashed line.`;
  return h(
    'figure',
    { class: 'over-time' },
    drawing(blocks, top),
    h('figcaption', { class: 'soft' }, caption),
  );
}

function drawing(blocks, top) {
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
      const step = `${pen}${((WIDTH * index) / (blocks.length - 1)).toFixed(2)} ${(HEIGHT - (HEIGHT - MARGIN) * (value / top)).toFixed(2)}`;
      pen = 'L';
      return step;
    })
    .join('');
}
