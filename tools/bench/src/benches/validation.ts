import { validateCollectorConfig } from '#lib/collector-validation';
import { parse } from 'yaml';
import { bench } from '../harness/bench.js';
import { alternate, ratePerSecond } from '../harness/rounds.js';
import { collectorConfig } from '../load/collector-config.js';

const LINES = 2000;
const ROUNDS = 7;
const EACH = 5;

/** What all rules cost on top of reading the YAML. */
export const validationBench = bench({
  metrics: {
    'validation.milliseconds': {
      unit: 'ms',
      goal: { kind: 'limit', atMost: 250 },
      what: `All findings of a correct configuration of ${LINES} lines, by the rates of the line below.`,
    },
    'validation.configurations': {
      unit: 'configurations/s',
      goal: { kind: 'ratio', atLeast: 0.5 },
      what: `The same configuration of ${LINES} lines validated, against parsing its YAML alone.`,
    },
  },
  run: async () => {
    const yaml = collectorConfig(LINES);
    const found = validateCollectorConfig(yaml);
    if (found.length > 0) throw new Error(`the configuration is not correct: ${found[0]?.rule ?? ''}`);
    const rate = (work: () => unknown): Promise<number> =>
      ratePerSecond(EACH, () => {
        for (let i = 0; i < EACH; i += 1) work();
        return Promise.resolve();
      });
    const measured = await alternate(
      { subject: () => rate(() => validateCollectorConfig(yaml)), ceiling: () => rate(() => parse(yaml)) },
      ROUNDS,
    );
    return {
      'validation.milliseconds': { value: 1000 / measured.value },
      'validation.configurations': measured,
    };
  },
});
