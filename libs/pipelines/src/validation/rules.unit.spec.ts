import { readFileSync } from 'node:fs';
import { collectorRules } from './rules.js';

/** The rows of the table in the docs, cell by cell. */
function documented(): readonly (readonly string[])[] {
  const page = readFileSync(new URL('../../../../docs/collector-rules.md', import.meta.url), 'utf8');
  return page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

it('docs/collector-rules.md has exactly the rules, in their order, with their severity and meaning', () => {
  const rules = Object.entries(collectorRules).map(([id, { severity, collector, summary }]) => [
    `\`${id}\``,
    severity,
    collector,
    summary,
  ]);
  expect(documented()).toEqual(rules);
});
