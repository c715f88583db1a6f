import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '#tools/embedded';
import { pages } from './pages.js';

/** `--write` makes the generated contracts anew; `--check` fails when one differs from what stands in the repository. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { write: { type: 'boolean' }, check: { type: 'boolean' } } });
  if (values.write === values.check) {
    process.stderr.write('usage: contracts --write | --check\n');
    process.exitCode = 2;
    return;
  }
  for (const { path, content } of await pages()) {
    const file = join(repositoryRoot(), path);
    if (values.write === true) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    } else if ((await readFile(file, 'utf8').catch(() => '')) !== content) {
      process.stderr.write(
        `${path} is not what the code says: run \`npm run contracts\` and look at the difference\n`,
      );
      process.exitCode = 1;
    }
  }
}

await main();
// The API description is built from live modules, whose handles would keep the process.
process.exit();
