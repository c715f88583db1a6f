// Stops whatever runs from the data folder, then removes it. Needs no build: it must work in a broken checkout.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = resolve(process.env.PHOENIX_DATA_DIR ?? join(repository, '.phoenix'));
const budgetMs = 20_000;

/** Start time of a process as tools/embedded/src/process/identity.ts writes it; undefined when it is gone. */
function born(pid) {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

const runs = (identity) => born(identity.pid) === identity.born;

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function entries() {
  const run = join(folder, 'run');
  if (!existsSync(run)) return [];
  const files = readdirSync(run).filter((name) => name.endsWith('.json'));
  return files.flatMap((name) => {
    try {
      return JSON.parse(readFileSync(join(run, name), 'utf8'));
    } catch {
      return []; // its owner has just removed it
    }
  });
}

async function untilGone(identities) {
  const deadline = performance.now() + budgetMs;
  while (identities.some(runs) && performance.now() < deadline) await sleep(100);
}

if (!existsSync(folder)) {
  console.log(`nothing to clean: there is no ${folder}`);
} else if (!existsSync(join(folder, '.phoenix-data'))) {
  console.error(`${folder} was not made by Phoenix, so it is left alone: remove it yourself`);
  process.exitCode = 1;
} else {
  const found = entries();
  // The owners first: each stops its own children in order, and none starts a new one meanwhile.
  for (const owner of found.map((entry) => entry.owner).filter(runs)) signal(owner.pid, 'SIGTERM');
  await untilGone(found.flatMap((entry) => [entry.owner, entry.process]));
  for (const { owner, process: child, name } of found) {
    if (runs(owner)) signal(owner.pid, 'SIGKILL');
    if (!runs(child)) continue;
    console.log(`killing ${name} (process ${child.pid})`);
    signal(-child.pid, 'SIGKILL');
  }
  await untilGone(found.map((entry) => entry.process));
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  console.log(`removed ${folder}`);
}
