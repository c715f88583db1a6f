import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Full path of a program on `PATH`, or undefined. */
export function onPath(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The dotted version that `<program> --version` prints, or undefined when the program does not run here. */
export async function versionOf(program: string): Promise<string | undefined> {
  return /(\d+\.\d+\.\d+)/.exec((await outputOf(program, ['--version'])) ?? '')?.[1];
}

/** What a program prints, or undefined when it fails or takes longer than 20 s. */
export async function outputOf(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await run(program, [...args], { timeout: 20_000 })).stdout;
  } catch {
    return undefined;
  }
}

/** This machine's processor as release archives name it. */
export function goArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

/** Bytes of all files below a folder, links not followed. */
export async function sizeOfFolder(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map((file) => lstat(join(file.parentPath, file.name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
