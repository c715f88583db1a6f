import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '#tools/embedded';
import { parse } from 'yaml';
import { collectorBinary, objections } from '../../testing/real-collector.js';
import { componentKinds, type ComponentSchema } from './catalogue.js';
import { pinnedCatalogue } from './pinned.js';

type Listed = {
  readonly name: string;
  readonly module: string;
  readonly stability: Readonly<Record<string, string>>;
};
type Listing = { readonly buildinfo: { readonly version: string }; readonly [section: string]: unknown };
type Manifest = Readonly<Record<string, readonly { readonly gomod: string }[]>> & {
  readonly dist: { readonly version: string };
};

const manifestFile = join(repositoryRoot(), 'tools', 'embedded', 'otelcol', 'builder.yaml');
const manifest = parse(readFileSync(manifestFile, 'utf8')) as Manifest;

async function listing(): Promise<Listing> {
  const { stdout } = await promisify(execFile)(await collectorBinary(), ['components']);
  return parse(stdout) as Listing;
}

const sorted = <T extends { readonly name: string }>(items: readonly T[]): readonly T[] =>
  [...items].sort((a, b) => a.name.localeCompare(b.name));

/** As the collector's command shows a component: what it does not handle is left out here. */
const shown = (name: string, { module, signals }: ComponentSchema) => ({ name, module, signals });

/** `components` hides components that also have an old name, in this version of the collector. */
const hasOldName = (kind: (typeof componentKinds)[number], name: string): boolean =>
  Object.values(pinnedCatalogue[kind]).some(({ aliasOf }) => aliasOf === name);

describe('the catalogue of the pinned collector', () => {
  it('is of the version that the manifest and the program have', async () => {
    const { buildinfo } = await listing();
    expect([pinnedCatalogue.version, buildinfo.version]).toEqual([
      manifest.dist.version,
      manifest.dist.version,
    ]);
  });

  it.each(componentKinds)(
    'has the %s that the program lists, at the same modules and stabilities',
    async (kind) => {
      const modules = new Set((manifest[kind] ?? []).map(({ gomod }) => gomod));
      const listed = ((await listing())[kind] as readonly Listed[])
        .filter(({ module }) => modules.has(module))
        .map(({ name, module, stability }) => {
          const known = Object.entries(stability).filter(([, level]) => level !== 'Undefined');
          return {
            name,
            module,
            signals: Object.fromEntries(known.map(([signal, level]) => [signal, level.toLowerCase()])),
          };
        });
      const ours = Object.entries(pinnedCatalogue[kind])
        .filter(([name, { aliasOf }]) => aliasOf === undefined && !hasOldName(kind, name))
        .map(([name, schema]) => shown(name, schema));
      expect(sorted(ours)).toEqual(sorted(listed));
    },
  );

  it.each(componentKinds)('has every module of the %s in the manifest, and no other', (kind) => {
    const modules = new Set(Object.values(pinnedCatalogue[kind]).map(({ module }) => module));
    expect([...modules].sort()).toEqual((manifest[kind] ?? []).map(({ gomod }) => gomod).sort());
  });

  it('has old names that the program still takes', async () => {
    const config = (type: string): string =>
      `receivers: {otlp: {protocols: {grpc: }}}
exporters: {${type}: {endpoint: "https://collector.example.org:443"}}
service: {pipelines: {metrics: {receivers: [otlp], exporters: [${type}]}}}`;
    const names = Object.keys(pinnedCatalogue.exporters);
    expect(names).toContain('otlphttp');
    const binary = await collectorBinary();
    for (const name of names) expect(await objections(binary, config(name))).toBe('');
  });

  it('knows the providers of the manifest', () => {
    const schemes = (manifest['providers'] ?? []).map(({ gomod }) => /(\w+)provider /.exec(gomod)?.[1]);
    expect(pinnedCatalogue.providers).toEqual(schemes);
  });
});
