import { readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { embeddedAsset } from '../places.js';
import type { Log } from '../process/service.js';
import { extendManifest, manifestHash, readManifest, type Manifest } from './collector-manifest.js';
import { buildFolder, goInstall, goTool } from './go.js';
import { PartMissing, type FoundPart } from './part.js';
import { goArchitecture, outputOf } from './probe.js';
import { unpackRelease } from './release.js';
import { searchPart, type PartSearch } from './search.js';
import { runTool, withTicks } from './work.js';

/** A real collector, or the reason why the agent has to use its built-in fallback. */
export type CollectorChoice =
  | { readonly kind: 'collector'; readonly part: FoundPart }
  | { readonly kind: 'none'; readonly reason: string };

/** Finds, fetches or builds an OpenTelemetry Collector. Having none is an answer, not an error. */
export async function resolveCollector(log: Log): Promise<CollectorChoice> {
  const search = { ...searchFor(pinned()), variable: 'PHOENIX_OTELCOL', objection: () => undefined };
  const result = await searchPart(search, log);
  if (result.kind === 'found') return { kind: 'collector', part: result.part };
  return { kind: 'none', reason: `no OpenTelemetry Collector (${result.reasons.join('; ')})` };
}

/**
 * Finds, fetches or builds the larger collector, which also reads pages of Prometheus.
 * @throws PartMissing with what was tried
 */
export async function resolveCollectorWithPrometheus(log: Log): Promise<FoundPart> {
  const manifest = extendManifest(pinned(), assetText('with-prometheus.yaml'));
  const variable = 'PHOENIX_OTELCOL_WITH_PROMETHEUS';
  const result = await searchPart({ ...searchFor(manifest), variable, objection: readsPages }, log);
  if (result.kind === 'found') return result.part;
  throw new PartMissing(
    `no OpenTelemetry Collector with a prometheus receiver (${result.reasons.join('; ')}). ` +
      `Install one and name it in ${variable}.`,
  );
}

function pinned(): Manifest {
  return readManifest(assetText('builder.yaml'));
}

function assetText(file: string): string {
  return readFileSync(embeddedAsset('otelcol', file), 'utf8');
}

/** Why a collector will not do for the source `prometheus`, or undefined. */
async function readsPages(_version: string, program: string): Promise<string | undefined> {
  const components = await outputOf(program, ['components']);
  return components?.includes('/prometheusreceiver ') === true
    ? undefined
    : `${program} has no prometheus receiver`;
}

/** The official release and our own build are of the version that the manifest names. */
function searchFor(manifest: Manifest): Pick<PartSearch, 'program' | 'kits'> {
  const { version } = manifest.dist;
  const machine = `${platform()}-${arch()}`;
  return {
    program: 'otelcol-contrib',
    kits: [
      {
        source: 'release',
        cacheKey: `otelcol-${version}-release-${machine}`,
        make: (folder, log) =>
          unpackRelease(
            {
              baseUrl: `https://github.com/open-telemetry/opentelemetry-collector-releases/releases/download/v${version}`,
              archive: `otelcol-contrib_${version}_${platform()}_${goArchitecture()}.tar.gz`,
              checksums: 'opentelemetry-collector-releases_otelcol-contrib_checksums.txt',
              strip: 0,
            },
            folder,
            log,
          ),
      },
      {
        source: 'go',
        cacheKey: `otelcol-${version}-go-${manifestHash(manifest)}-${machine}`,
        make: (folder, log) => buildCollector(manifest, folder, log),
      },
    ],
  };
}

/** Builds a collector with only the manifest's components, by the collector builder of the same version. */
async function buildCollector({ dist, text }: Manifest, folder: string, log: Log): Promise<void> {
  const build = buildFolder(folder);
  await mkdir(build);
  await writeFile(join(build, 'builder.yaml'), text);
  await goInstall(`go.opentelemetry.io/collector/cmd/builder@v${dist.version}`, build, log);
  await withTicks(`building ${dist.name} ${dist.version}, a few minutes the first time`, log, () =>
    runTool({ ...goTool(build), command: join(build, 'builder'), args: ['--config=builder.yaml'] }),
  );
  await rename(join(build, dist.output_path, dist.name), join(folder, 'otelcol-contrib'));
  await rm(build, { recursive: true });
}
