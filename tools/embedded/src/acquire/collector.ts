import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { embeddedAsset } from '../places.js';
import type { Log } from '../process/service.js';
import { buildFolder, goInstall, goTool } from './go.js';
import type { FoundPart } from './part.js';
import { goArchitecture } from './probe.js';
import { unpackRelease } from './release.js';
import { searchPart, type PartSearch } from './search.js';
import { runTool, withTicks } from './work.js';

/** A real collector, or the reason why the agent has to use its built-in fallback. */
export type CollectorChoice =
  | { readonly kind: 'collector'; readonly part: FoundPart }
  | { readonly kind: 'none'; readonly reason: string };

/** The collector builder's manifest, as far as it concerns us. */
interface Manifest {
  readonly dist: { readonly name: string; readonly version: string; readonly output_path: string };
}

/** Finds, fetches or builds an OpenTelemetry Collector. Having none is an answer, not an error. */
export async function resolveCollector(log: Log): Promise<CollectorChoice> {
  const result = await searchPart(collectorSearch(), log);
  if (result.kind === 'found') return { kind: 'collector', part: result.part };
  return { kind: 'none', reason: `no OpenTelemetry Collector (${result.reasons.join('; ')})` };
}

/** The official release and our own build are of the version that the manifest names. */
function collectorSearch(): PartSearch {
  const manifestFile = embeddedAsset('otelcol', 'builder.yaml');
  const text = readFileSync(manifestFile, 'utf8');
  const { dist } = parse(text) as Manifest;
  const manifestHash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const machine = `${platform()}-${arch()}`;
  return {
    program: 'otelcol-contrib',
    variable: 'PHOENIX_OTELCOL',
    objection: () => undefined,
    kits: [
      {
        source: 'release',
        cacheKey: `otelcol-${dist.version}-release-${machine}`,
        make: (folder, log) =>
          unpackRelease(
            {
              baseUrl: `https://github.com/open-telemetry/opentelemetry-collector-releases/releases/download/v${dist.version}`,
              archive: `otelcol-contrib_${dist.version}_${platform()}_${goArchitecture()}.tar.gz`,
              checksums: 'opentelemetry-collector-releases_otelcol-contrib_checksums.txt',
              strip: 0,
            },
            folder,
            log,
          ),
      },
      {
        source: 'go',
        cacheKey: `otelcol-${dist.version}-go-${manifestHash}-${machine}`,
        make: (folder, log) => buildCollector({ manifestFile, dist }, folder, log),
      },
    ],
  };
}

/** Builds a collector with only the manifest's components, by the collector builder of the same version. */
async function buildCollector(
  manifest: Manifest & { readonly manifestFile: string },
  folder: string,
  log: Log,
): Promise<void> {
  const { dist } = manifest;
  const build = buildFolder(folder);
  await mkdir(build);
  await copyFile(manifest.manifestFile, join(build, 'builder.yaml'));
  await goInstall(`go.opentelemetry.io/collector/cmd/builder@v${dist.version}`, build, log);
  await withTicks(`building ${dist.name} ${dist.version}, a few minutes the first time`, log, () =>
    runTool({ ...goTool(build), command: join(build, 'builder'), args: ['--config=builder.yaml'] }),
  );
  await rename(join(build, dist.output_path, dist.name), join(folder, 'otelcol-contrib'));
  await rm(build, { recursive: true });
}
