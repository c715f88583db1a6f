import { playedFleet, preview, previewCard, specOf } from '#lib/pipelines';
import { shortenedCard } from './shortened-card.js';

const fleet = playedFleet({ hosts: 1, processes: 60, seed: 3, seconds: 60, intervalSeconds: 10, churn: 0 });
const pipeline = (template: 'baseline' | 'topk', parameters = {}) => ({
  ...{ spec: specOf({ template, parameters }), criticalProcesses: [] },
});
const card = preview(
  {
    baseline: pipeline('baseline'),
    candidate: pipeline('topk', { k: 2 }),
    criticalProcesses: ['sshd', 'not-there'],
  },
  fleet,
);

describe('a card that must be short', () => {
  it('stays as it is where it fits', () => {
    expect(shortenedCard(card, 1_000)).toBe(card);
  });

  it('keeps the worst, every critical process and every figure, and says what it left out', () => {
    const { executables } = card.processes;
    const gone = executables.filter(({ outcome }) => outcome === 'lost').length;
    expect(gone).toBeGreaterThan(2);
    const short = shortenedCard(card, 2);
    expect(short.processes.executables.map(({ outcome }) => outcome)).toEqual(['lost', 'lost']);
    expect(short).toMatchObject({
      ...{ critical: card.critical, baseline: card.baseline, candidate: card.candidate },
      ...{ reduction: card.reduction, data: card.data },
    });
    expect(short.processes.lost).toBe(card.processes.lost);
    expect(short.limits.at(-1)?.text).toMatch(
      /^Lists end after 2 entries, the worst first; \d+ are left out\.$/,
    );
    expect(previewCard(short)).toContain('are left out');
  });
});
