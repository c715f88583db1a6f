import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { repositoryRoot } from '#tools/embedded';

/** Paths and texts of a small tree laid out like this repository. */
export type Files = Readonly<Record<string, string>>;

/** A tree under the repository's own rules, in which something may be planted. */
export interface PlantedHouse {
  /** Runs a tool of the repository in the tree and parses what it prints. Findings are an answer, not a failure. */
  run(tool: string, args: readonly string[]): unknown;
  remove(): void;
}

const RULES = [
  '.dependency-cruiser.cjs',
  'eslint.config.mjs',
  'package.json',
  'tsconfig.json',
  'tsconfig.boundaries.json',
];

/** Writes the files beside copies of the configuration that the checks of this repository use. */
export function plant(files: Files): PlantedHouse {
  const root = repositoryRoot();
  const dir = mkdtempSync(join(tmpdir(), 'phoenix-planted-'));
  for (const name of RULES) cpSync(join(root, name), join(dir, name));
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, dirname(path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return {
    run: (tool, args) => runIn(dir, join(root, 'node_modules', tool), args),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function runIn(cwd: string, script: string, args: readonly string[]): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`${script} answered no findings: ${stderr || stdout}`);
  }
}
