import { instantiateTemplate, processesToGuard } from '../index.js';

const asked = {
  guardrails: [{ kpi: 'collectorCpu' }, { kpi: 'processCoverage' }],
  criticalProcesses: ['nginx'],
};
const pathsFor = (source: unknown, guarded = asked): readonly string[] =>
  processesToGuard({ source }, guarded).map(({ path, rule, severity }) => `${severity} ${rule} ${path}`);

describe('what an experiment asks of processes', () => {
  it.each([
    { kind: 'otlp' },
    { kind: 'prometheus', targets: ['127.0.0.1:9100'] },
    { kind: 'hostmetrics', intervalSeconds: 10, system: { cpu: {} } },
  ])('is warned about where the baseline scrapes none: %j', (source) => {
    expect(pathsFor(source)).toEqual([
      'warning no-processes-to-guard guardrails.1',
      'warning no-processes-to-guard criticalProcesses',
    ]);
  });

  it('is nothing to warn about where it is not asked, or can be measured', () => {
    const modest = { guardrails: [{ kpi: 'collectorCpu' }], criticalProcesses: [] };
    expect(pathsFor({ kind: 'otlp' }, modest)).toEqual([]);
    expect(pathsFor(instantiateTemplate('baseline', {}).source)).toEqual([]);
    expect(pathsFor({ kind: 'hostmetrics', intervalSeconds: '{{ .host.labels.interval }}' })).toEqual([]);
    expect(pathsFor(undefined)).toEqual([]);
  });
});
