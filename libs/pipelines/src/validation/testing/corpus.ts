import { readdirSync, readFileSync } from 'node:fs';

export type Expectation = { readonly rule: string; readonly line: number };

/** A configuration of the corpus with what its first lines say about it. */
export type CorpusFile = {
  readonly name: string;
  readonly yaml: string;
  /** `# expect: rule@line`, one for each finding, in any order. */
  readonly expected: readonly Expectation[];
  /** `# collector: accepts` where only we refuse; else the collector's own `validate` refuses as well. */
  readonly isStricter: boolean;
};

/** All configurations of a folder of the corpus. */
export function corpus(folder: 'good' | 'broken'): readonly CorpusFile[] {
  const directory = new URL(`../corpus/${folder}/`, import.meta.url);
  return readdirSync(directory)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => {
      const yaml = readFileSync(new URL(name, directory), 'utf8');
      return { name, yaml, expected: expectations(yaml), isStricter: yaml.includes('# collector: accepts') };
    });
}

function expectations(yaml: string): readonly Expectation[] {
  return [...yaml.matchAll(/^# expect: ([a-z-]+)@(\d+)$/gm)].map(([, rule = '', line = '']) => ({
    rule,
    line: Number(line),
  }));
}
