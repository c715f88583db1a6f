import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '#tools/embedded';
import { parse } from 'yaml';
import { goInstall, goTool } from '../../embedded/src/acquire/go.js';
import { runTool } from '../../embedded/src/acquire/work.js';
import { catalogueModule } from './catalogue-module.js';

/** The collector builder's manifest, as far as it concerns us. */
interface Manifest {
  readonly dist: {
    readonly version: string;
    readonly output_path: string;
    readonly build_tags?: string;
  };
  readonly providers: readonly { readonly gomod: string }[];
}

const HOSTMETRICS = 'github.com/open-telemetry/opentelemetry-collector-contrib/receiver/hostmetricsreceiver';

/**
 * `npm run collector-schema`: generates the sources of the pinned collector, puts our program in the place of its
 * `main`, and writes what that says about every component to `libs/pipelines/src/validation/catalogue/pinned.ts`.
 */
async function main(): Promise<void> {
  const root = repositoryRoot();
  const manifestFile = join(root, 'tools', 'embedded', 'otelcol', 'builder.yaml');
  const { dist, providers } = parse(await readFile(manifestFile, 'utf8')) as Manifest;
  const build = await mkdtemp(join(tmpdir(), 'collector-schema-'));
  try {
    await copyFile(manifestFile, join(build, 'builder.yaml'));
    await goInstall(`go.opentelemetry.io/collector/cmd/builder@v${dist.version}`, build, say);
    const generate = ['--config=builder.yaml', '--skip-compilation'];
    await runTool({ ...goTool(build), command: join(build, 'builder'), args: generate });
    const sources = join(build, dist.output_path);
    await replaceMain(sources, join(root, 'tools', 'collector-schema', 'go'));
    const tags = dist.build_tags === undefined ? [] : [`-tags=${dist.build_tags}`];
    const output = await goLines(sources, [
      ...['run', '-mod=mod', '-trimpath', ...tags, '.'],
      ...(await scrapers(sources)),
    ]);
    const catalogue = {
      version: dist.version,
      providers: providers.map(({ gomod }) => schemeOf(gomod)),
      ...(JSON.parse(output.join('\n')) as Readonly<Record<string, unknown>>),
    };
    const file = join(root, 'libs', 'pipelines', 'src', 'validation', 'catalogue', 'pinned.ts');
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, catalogueModule(catalogue));
    say(`${file} written for collector ${dist.version}`);
  } finally {
    await rm(build, { recursive: true, force: true });
  }
}

async function replaceMain(sources: string, ours: string): Promise<void> {
  for (const name of await readdir(sources)) {
    if (/^main.*\.go$/.test(name)) await rm(join(sources, name));
  }
  for (const name of await readdir(ours)) await copyFile(join(ours, name), join(sources, name));
}

/** Scrapers are known to their receiver by name only; their packages carry the names. */
async function scrapers(sources: string): Promise<readonly string[]> {
  const packages = await goLines(sources, ['list', '-mod=mod', `${HOSTMETRICS}/internal/scraper/...`]);
  return packages.flatMap((path) => {
    const name = /\/(\w+)scraper$/.exec(path)?.[1];
    return name === undefined ? [] : [`hostmetrics=${name}`];
  });
}

function goLines(cwd: string, args: readonly string[]): Promise<readonly string[]> {
  return runTool({ ...goTool(cwd), args });
}

/** `…/provider/envprovider v1.55.0` serves `${env:…}`. */
function schemeOf(gomod: string): string {
  const scheme = /\/(\w+)provider /.exec(gomod)?.[1];
  if (scheme === undefined) throw new Error(`no provider's name in ${gomod}`);
  return scheme;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
