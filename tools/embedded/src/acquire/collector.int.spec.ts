import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchDirectory } from '../test-parts.js';
import { resolveCollectorWithPrometheus } from './collector.js';

describe('the larger collector', () => {
  const before = { ...process.env };
  const scratch = scratchDirectory();

  afterEach(() => {
    process.env = { ...before };
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  // The first call on a fresh machine may build it.
  it('runs, and is found in the cache again', async () => {
    const first = await resolveCollectorWithPrometheus(() => undefined);
    const second = await resolveCollectorWithPrometheus(() => undefined);
    expect(second).toMatchObject({ path: first.path, version: first.version, cached: true });
  }, 1_800_000);

  it('is none that cannot read pages, however it is named', async () => {
    const listing =
      'receivers:\n    - name: otlp\n      module: example.org/receiver/otlpreceiver v0.149.0\n';
    const lean = join(scratch, 'otelcol');
    writeFileSync(
      lean,
      `#!/bin/sh\ncase $1 in\n--version) echo otelcol version 0.149.0;;\n*) echo '${listing}';;\nesac\n`,
    );
    chmodSync(lean, 0o755);
    process.env['PHOENIX_OTELCOL_WITH_PROMETHEUS'] = lean;
    await expect(resolveCollectorWithPrometheus(() => undefined)).rejects.toThrow(
      'has no prometheus receiver',
    );
  });
});
