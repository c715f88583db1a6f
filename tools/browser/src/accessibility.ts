import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** What keeps people from using a page: the rule, how bad it is, and the elements. */
export interface Finding {
  readonly rule: string;
  readonly impact: string;
  readonly elements: readonly string[];
}

/** The findings of axe-core that count as serious or critical, in the state that the page shows now. */
export async function seriousFindings(page: Page): Promise<readonly Finding[]> {
  // The driver evaluates past the page's content policy, which stays in force for the page itself.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run(document)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, nodes }) => ({
      rule: id,
      impact: impact ?? 'none',
      elements: nodes.map(({ html, failureSummary = '' }) => `${html}: ${failureSummary}`),
    }));
}
