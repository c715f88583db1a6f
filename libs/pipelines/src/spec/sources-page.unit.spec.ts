import { readFileSync } from 'node:fs';
import { validateSpec } from '../index.js';
import { systemScrapers } from './system-metrics.js';

const page = readFileSync(new URL('../../../../docs/pipelines/sources.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/```json\n([^]*?)```/g)].map(([, text = '']) => text);

describe('the page about sources', () => {
  it('shows specifications that nothing is said against, on a collector that has all receivers', () => {
    expect(blocks).toHaveLength(4);
    const larger = { receivers: { prometheus: {} } };
    for (const block of blocks) expect(validateSpec(JSON.parse(block), larger)).toEqual([]);
  });

  it('names every scraper', () => {
    for (const scraper of systemScrapers) expect(page).toContain(`\`${scraper}\``);
  });
});
