import {
  instantiateTemplate,
  renderedPipelineSchema,
  renderPipeline,
  type RenderedPipeline,
  type TemplateId,
} from '#lib/pipelines';
import { pushedSpec, specOrder } from '../testing/pushed.js';
import { interpretable } from './interpreted-pipeline.js';

const host = { id: 'h', labels: { role: 'web' } };
const rendered = (template: TemplateId, parameters = {}): RenderedPipeline =>
  renderPipeline({ template, parameters, host, criticalProcesses: ['db'] });

describe('what the built-in collector reads from a rendering', () => {
  it.each([
    ['topk', {}],
    ['adaptive', {}],
    ['adaptive', { others: 'executable' }],
    ['dynamic', { others: 'class' }],
    ['hybrid', {}],
  ] as const)('is the set of %s with %j, and what becomes of the others', (template, parameters) => {
    const found = interpretable(rendered(template, parameters));
    expect(found).toMatchObject({ pipeline: { host, criticalProcesses: ['db'] } });
    const read = 'pipeline' in found ? found.pipeline.spec.processors : [];
    expect(read).toEqual([instantiateTemplate(template, parameters).processors[1], { kind: 'identifyHost' }]);
  });

  it('is nothing of a pipeline that applications push to', () => {
    const { rendered: pushed } = specOrder('baseline', pushedSpec(4318));
    expect(interpretable(renderedPipelineSchema.parse(pushed))).toEqual({
      reason: 'the built-in collector takes no pushed data; this pipeline needs a real one',
    });
  });

  it.each([
    ['minimal', 'transform/aggregate-attributes-1'],
    ['aggressive', 'transform/aggregate-attributes-1'],
    ['priority-filter', 'transform/classify-processes-1'],
  ] as const)('is nothing of %s, which it refuses by name', (template, component) => {
    expect(interpretable(rendered(template))).toEqual({
      reason: `the built-in collector cannot do ${component}; it needs a real one`,
    });
  });

  it('is nothing of the machine as a whole, which it refuses by the names of the scrapers', () => {
    const { source, ...rest } = instantiateTemplate('baseline', {});
    const spec = { ...rest, source: { ...source, system: { cpu: {}, disk: {} } } };
    const reason = 'the built-in collector scrapes processes only, not cpu, disk; it needs a real one';
    expect(interpretable(renderPipeline({ spec, host, criticalProcesses: [] }))).toEqual({ reason });
  });
});
