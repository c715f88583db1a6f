import { join } from 'node:path';
import { build } from 'esbuild';
import { repositoryRoot } from '#tools/embedded';

/** All that the agent's program consists of, in one CommonJS text that needs nothing but Node. @throws Error */
export async function bundleAgent(): Promise<Buffer> {
  const root = repositoryRoot();
  const { outputFiles } = await build({
    absWorkingDir: root,
    // Straight from the sources, where this tsconfig leads `#lib/*`, so that no older build gets in.
    entryPoints: [join('apps', 'agent', 'src', 'main.ts')],
    tsconfig: 'tsconfig.boundaries.json',
    bundle: true,
    platform: 'node',
    target: 'node20',
    // A single-file program is CommonJS on Node 20.
    format: 'cjs',
    minify: true,
    // Errors are told apart by their class's name.
    keepNames: true,
    legalComments: 'none',
    logLevel: 'silent',
    write: false,
  });
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new Error('the bundler gave nothing back');
  return Buffer.from(bundle.contents);
}
