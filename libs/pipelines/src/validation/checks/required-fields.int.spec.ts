import { collectorBinary, objections } from '../../testing/real-collector.js';
import { needs } from './required-fields.js';

/** A configuration with everything that components need, but without some fields of one of them. */
function without(owner: string, fields: readonly string[]): string {
  const settings: Record<string, Record<string, unknown>> = {
    'receivers otlp': { protocols: { grpc: null } },
    'receivers hostmetrics': { scrapers: { cpu: null } },
    'processors memory_limiter': { check_interval: '1s', limit_mib: 100 },
    'processors resource': { attributes: [{ key: 'a', value: 'b', action: 'upsert' }] },
    'exporters otlphttp': { endpoint: 'https://collector.example.org' },
    'exporters otlp_http': { endpoint: 'https://collector.example.org' },
  };
  for (const field of fields) Reflect.deleteProperty(settings[owner] ?? {}, field);
  const section = (kind: string) =>
    Object.fromEntries(
      Object.entries(settings).flatMap(([key, value]) => {
        const [of, type = ''] = key.split(' ');
        return of === kind ? [[type, value]] : [];
      }),
    );
  const kinds = ['receivers', 'processors', 'exporters'];
  const sections = Object.fromEntries(kinds.map((kind) => [kind, section(kind)]));
  const members = Object.fromEntries(kinds.map((kind) => [kind, Object.keys(section(kind))]));
  return JSON.stringify({ ...sections, service: { pipelines: { metrics: members } } });
}

describe('the real collector', () => {
  it('accepts the configuration that has everything', async () => {
    expect(await objections(await collectorBinary(), without('', []))).toBe('');
  });

  it.each(Object.entries(needs).flatMap(([owner, lists]) => lists.map((fields) => [owner, fields] as const)))(
    'refuses %s without %j',
    async (owner, fields) => {
      expect(await objections(await collectorBinary(), without(owner, fields))).not.toBe('');
    },
  );
});
