import { buildOpenApiDocument } from './openapi.js';

describe('the description of the API', () => {
  let document: Awaited<ReturnType<typeof buildOpenApiDocument>>;
  beforeAll(async () => {
    document = await buildOpenApiDocument();
  });

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, item]) =>
      (['get', 'post', 'patch', 'delete'] as const).flatMap((method) => {
        const operation = item[method];
        return operation === undefined ? [] : [{ name: `${method.toUpperCase()} ${path}`, operation }];
      }),
    );

  it('is OpenAPI 3.1 and needs neither server nor database to be made', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(operations().map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'POST /api/v1/auth/login',
        'POST /api/v1/experiments',
        'POST /api/v1/experiments/{id}/rollback',
        'GET /api/v1/experiments/{id}/results',
        'GET /api/v1/generator/configs/{hash}',
        'POST /api/v1/fleet/hosts/{id}/revoke',
        'POST /api/v1/fleet/hosts/{id}/rotate',
      ]),
    );
  });

  it('has a summary, a success and a refusal for every operation', () => {
    for (const { name, operation } of operations().filter((one) => one.name.includes('/api/v1/'))) {
      expect({ name, summary: operation.summary }).toEqual({
        name,
        summary: expect.stringMatching(/\.$/) as string,
      });
      const statuses = Object.keys(operation.responses);
      expect({ name, statuses }).toEqual({ name, statuses: expect.arrayContaining(['default']) as string[] });
      expect(statuses.some((status) => status.startsWith('2'))).toBe(true);
    }
  });

  it('has no schema without content, and no reference that leads nowhere', () => {
    const schemas = document.components?.schemas ?? {};
    for (const [name, schema] of Object.entries(schemas)) {
      const hasContent = ['properties', 'anyOf', 'oneOf', 'enum', '$ref'].some((key) => key in schema);
      expect({ name, hasContent }).toEqual({ name, hasContent: true });
    }
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
    for (const [, name = ''] of references) expect(Object.keys(schemas)).toContain(name);
    expect(references.length).toBeGreaterThan(20);
  });

  it('calls the status of an experiment a deprecated read-only copy of its one phase', () => {
    for (const name of ['Experiment', 'ExperimentSummary']) {
      const schema = document.components?.schemas?.[name] as {
        readonly properties: Record<string, Record<string, unknown>>;
      };
      const { phase, status } = schema.properties;
      expect(status).toEqual({
        ...phase,
        deprecated: true,
        readOnly: true,
        description: expect.any(String) as string,
      });
      expect(phase).not.toHaveProperty('deprecated');
    }
    const writable = JSON.stringify([
      document.components?.schemas?.['DraftExperimentDto'],
      document.components?.schemas?.['ReviseExperimentDto'],
    ]);
    expect(writable).not.toContain('"status"');
  });
});
