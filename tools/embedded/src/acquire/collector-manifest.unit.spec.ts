import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { embeddedAsset } from '../places.js';
import { extendManifest, manifestHash, readManifest } from './collector-manifest.js';

const textOf = (file: string): string => readFileSync(embeddedAsset('otelcol', file), 'utf8');
const pinned = readManifest(textOf('builder.yaml'));
const larger = extendManifest(pinned, textOf('with-prometheus.yaml'));

type Listed = { readonly dist: object; readonly receivers: readonly { readonly gomod: string }[] };

describe('the manifest of the larger collector', () => {
  it('has all of the pinned one, and its receiver of the same version beside it', () => {
    const [small, large] = [parse(pinned.text) as Listed, parse(larger.text) as Listed];
    const { dist: smallDist, receivers: few, ...smallRest } = small;
    const { dist: largeDist, receivers: more, ...largeRest } = large;
    expect(largeRest).toEqual(smallRest);
    expect(largeDist).toEqual({ ...smallDist, build_tags: 'remove_all_sd' });
    expect(more.slice(0, few.length)).toEqual(few);
    const added = more.slice(few.length).map(({ gomod }) => gomod);
    expect(added).toHaveLength(1);
    expect(added[0]).toMatch(new RegExp(`/prometheusreceiver v${pinned.dist.version}$`));
  });

  it('is kept apart from the pinned one in the cache, as long as either says the same', () => {
    expect(manifestHash(larger)).not.toBe(manifestHash(pinned));
    expect(manifestHash(extendManifest(pinned, textOf('with-prometheus.yaml')))).toBe(manifestHash(larger));
    const changed = readManifest(pinned.text.replace('batchprocessor', 'otherprocessor'));
    const largerThen = extendManifest(changed, textOf('with-prometheus.yaml'));
    expect(manifestHash(largerThen)).not.toBe(manifestHash(larger));
  });
});
