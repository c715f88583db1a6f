import { renderPipeline, templateIds, type TemplateId } from '#lib/pipelines';
import { parse, stringify } from 'yaml';
import { bench, type Measurement, type Metric } from '../harness/bench.js';
import { alternate, ratePerSecond } from '../harness/rounds.js';

const ROUNDS = 5;
const EACH = 20;

const host = { id: 'bench', labels: { role: 'web', env: 'prod' } };
const criticalProcesses = ['nginx', 'postgres'];

const described = (template: TemplateId): Omit<Metric, 'name'> => ({
  unit: 'renders/s',
  goal: { kind: 'ratio', atLeast: 0.4 },
  what: `Configurations of the template ${template} for one host, checked and hashed, against writing the same document as YAML alone.`,
});

/** What a rendering costs on top of its text, template by template. */
export const renderBench = bench({
  metrics: Object.fromEntries(templateIds.map((template) => [`render.${template}`, described(template)])),
  run: async () => {
    const rate = (work: () => unknown): Promise<number> =>
      ratePerSecond(EACH, () => {
        for (let i = 0; i < EACH; i += 1) work();
        return Promise.resolve();
      });
    const results: Record<string, Measurement> = {};
    for (const template of templateIds) {
      const render = (): string => renderPipeline({ template, parameters: {}, host, criticalProcesses }).yaml;
      const document: unknown = parse(render());
      const write = (): string => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
      if (write() !== render()) throw new Error(`the ceiling of ${template} writes another document`);
      results[`render.${template}`] = await alternate(
        { subject: () => rate(render), ceiling: () => rate(write) },
        ROUNDS,
      );
    }
    return results;
  },
});
