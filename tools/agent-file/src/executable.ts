import { execFile } from 'node:child_process';
import { chmod, copyFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Fixed by Node: the place in its binary that says whether a program is inside (checked on Node 20.20). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const RESOURCE = 'NODE_SEA_BLOB';
const injector = createRequire(import.meta.url).resolve('postject/dist/cli.js');

/**
 * Makes one executable of a CommonJS program: a copy of the Node that runs this, with the program inside it.
 * It starts no slower without V8's code cache, which would be refused as soon as somebody sets a flag of V8.
 * @throws Error when this Node cannot carry a program
 */
export async function makeExecutable(program: Buffer, path: string, scratch: string): Promise<void> {
  const files = { main: join(scratch, 'agent.cjs'), output: join(scratch, 'agent.blob') };
  const config = join(scratch, 'sea.json');
  await writeFile(files.main, program);
  await writeFile(config, JSON.stringify({ ...files, disableExperimentalSEAWarning: true }));
  await run(process.execPath, ['--experimental-sea-config', config]);
  await copyFile(process.execPath, path);
  await chmod(path, 0o755);
  // In a process of its own, because it writes harmless warnings about sections without names.
  await run(process.execPath, [injector, path, RESOURCE, files.output, '--sentinel-fuse', FUSE]);
  for (const file of [files.main, files.output, config]) await rm(file);
}
