import { instantiateTemplate, templates, validateParameters, validateSpec } from '../index.js';
import { highest, lowest } from '../testing/extremes.js';

describe('template parameters', () => {
  it('have defaults that the template itself accepts', () => {
    for (const { id } of templates) {
      expect(validateParameters(id, {})).toEqual([]);
      expect(validateSpec(instantiateTemplate(id, {}))).toEqual([]);
    }
  });

  it('are accepted at both ends of their range and make valid specifications', () => {
    for (const { id, parameters } of templates) {
      for (const input of [lowest(parameters), highest(parameters)]) {
        expect(validateSpec(instantiateTemplate(id, input))).toEqual([]);
      }
    }
  });

  it('are all checked, so that a person sees every finding at once', () => {
    const findings = validateParameters('topk', { k: 501, rankBy: 'luck', marginPercent: 1.5, size: 3 });
    expect(findings.map(({ rule, path }) => `${rule} ${path}`)).toEqual([
      'unknown-parameter parameters.size',
      'parameter-range parameters.k',
      'parameter-type parameters.rankBy',
      'parameter-type parameters.marginPercent',
    ]);
    for (const { severity, message, fix } of findings) {
      expect(severity).toBe('error');
      expect(message).not.toBe('');
      expect(fix).not.toBe('');
    }
  });

  it('refuse names that are no executables, each with its place in the list', () => {
    const findings = validateParameters('aggregated', { importantProcesses: ['nginx', '', 'a\nb', 7] });
    expect(findings.map(({ path }) => path)).toEqual(
      [1, 2, 3].map((index) => `parameters.importantProcesses.${index}`),
    );
  });

  it('of an unknown template are one finding that names the templates there are', () => {
    const findings = validateParameters('toString', {});
    expect(findings.map(({ rule }) => rule)).toEqual(['unknown-template']);
    expect(findings[0]?.fix).toContain('baseline, topk, aggregated');
  });
});
