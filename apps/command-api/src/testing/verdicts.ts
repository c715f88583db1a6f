import type { Verdict } from '#lib/events';

/** A verdict that rests on blocks up to the watermark (ISO 8601). */
export function verdictUpTo(watermark: string, decision: Verdict['decision'] = 'promote'): Verdict {
  return {
    decision,
    reason: 'In every block it is at least the 20.0 % asked.',
    scope: { hosts: 'this host only', time: 'this period only' },
    reduction: { noData: true, reason: 'left out here' },
    guardrails: [{ name: 'criticalCoverage', passed: true, detail: 'all | seen' }],
    health: [],
    evidence: { blocksDigest: 'ab12', blocks: 2, windows: 12, gapSeconds: 0, watermark },
    ruleVersion: 'verdict/1',
  };
}
