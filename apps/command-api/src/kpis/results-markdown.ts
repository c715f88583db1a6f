import { isMeasured, type Figure, type Verdict } from '#lib/events';
import type { Results } from '../shared/views/results.view.js';
import { namedFigures } from './named-figures.js';

/** The result as a page that can go into a ticket or a pull request. */
export function resultsMarkdown({ experiment, kpis }: Results): string {
  const { name, id, phase, hosts, spec, verdict, startedAt, concludedAt } = experiment;
  const lines = [
    `# ${plain(name)}`,
    '',
    `Experiment \`${id}\`, ${phase}, ${hosts.length} hosts, ${startedAt ?? ''} to ${concludedAt ?? ''}.`,
    `Critical processes: ${spec.criticalProcesses.map(plain).join(', ') || 'none named'}.`,
    '',
    ...verdictLines(verdict),
    '## Figures',
    '',
    '| figure | value | interval | formula |',
    '| --- | ---: | --- | --- |',
    ...namedFigures(kpis).map((named) => `| ${plain(named.name)} | ${figureCells(named.figure)} |`),
    '',
    `Lost first: ${kpis.coverage.lost.map((lost) => plain(lost.name)).join(', ') || 'nothing by name'}.`,
    `Windows: ${kpis.windows}; seconds without data: ${kpis.gapSeconds}.`,
  ];
  return lines.join('\n') + '\n';
}

function verdictLines(verdict: Verdict): readonly string[] {
  const { decision, reason, scope, health, guardrails, evidence, ruleVersion } = verdict;
  const checks = [...health, ...guardrails].map(
    (check) => `- ${check.passed ? 'passed' : 'FAILED'}: ${plain(check.name)}. ${plain(check.detail)}`,
  );
  return [
    `## Verdict: ${decision}`,
    '',
    plain(reason),
    '',
    `Holds for ${scope.hosts}, ${scope.time}. Rules ${ruleVersion}, blocks \`${evidence.blocksDigest}\`.`,
    '',
    ...checks,
    '',
  ];
}

function figureCells(figure: Figure): string {
  if (!isMeasured(figure)) return `no data | ${plain(figure.reason)} |`;
  const { value, unit, interval, note, formulaVersion } = figure;
  const around = interval === undefined ? '' : `${interval.low} to ${interval.high} (${interval.kind})`;
  return `${value} ${unit} | ${[around, note].filter(Boolean).join('; ')} | ${formulaVersion}`;
}

/** Text of people and hosts, so that it cannot end a table cell or start markup. */
function plain(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ').replaceAll(/[\\`*_[\]<>|#]/g, '\\$&');
}
