import { runPipelines, type CampaignResult } from './campaign.js';
import { ends } from './cases.js';
import { pipelinesPage } from './page.js';

const PATIENCE_MS = 900_000;
const machine = { commit: 'abc', cpu: 'a cpu', cores: 2, memoryGiB: 1, system: 'Linux', node: 'v20' };

describe('the campaign of the pipelines', () => {
  let campaign: CampaignResult;
  const said: string[] = [];

  // The first call on a fresh machine may build the collector.
  beforeAll(async () => {
    const options = { seconds: 3, parallel: 2, minutes: 10, only: 'topk' } as const;
    campaign = await runPipelines(options, (line) => said.push(line));
  }, PATIENCE_MS);

  it('tries a template at its defaults and at both ends, and finds nothing wrong', () => {
    expect(campaign.results.map((result) => result.case.end)).toEqual([...ends]);
    expect(campaign.results.flatMap(({ violations }) => violations)).toEqual([]);
    expect(said).toHaveLength(ends.length);
  });

  it('has figures of the machine and of what was started on it', () => {
    for (const { baselineSeries, scrapes, series } of campaign.results) {
      expect(baselineSeries).toBeGreaterThan(campaign.processes);
      expect(series).toBeGreaterThan(0);
      expect(scrapes).toBeGreaterThan(0);
    }
  });

  it('writes a page with a row for each', () => {
    const facts = { machine, date: '2026-01-02T00:00:00Z', command: 'x', seconds: 3, parallel: 2 };
    const page = pipelinesPage(campaign, facts);
    for (const end of ends) expect(page).toMatch(new RegExp(`^\\| topk \\| ${end} \\| \\d+ \\|`, 'm'));
    expect(page).toContain('3 of 3 cases');
    const [first, ...rest] = campaign.results;
    const bad = { ...first!, violations: [{ property: 'emits', what: 'nothing' }] } as const;
    expect(pipelinesPage({ ...campaign, results: [bad, ...rest] }, facts)).toContain(
      '- topk default, emits: nothing',
    );
  });
});
