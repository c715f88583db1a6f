import { loadConfig, runMain } from '#lib/platform';
import { runCommand, type MigrateCommand } from './commands.js';
import { migrateConfig } from './migrate.config.js';

const commands: readonly string[] = ['up', 'down', 'status'] satisfies MigrateCommand[];
/** Exit codes beside those of `runMain`: 1 when `status` finds something missing, 2 for a wrong call. */
const NOT_UP_TO_DATE = 1;
const USAGE = 2;

await runMain('migrate', async () => {
  const [command = 'up', ...rest] = process.argv.slice(2);
  if (!isCommand(command) || rest.length > 0) {
    process.stderr.write('usage: npm run migrate -- up | down | status\n');
    process.exitCode = USAGE;
    return;
  }
  const { lines, ok } = await runCommand(command, loadConfig(migrateConfig, process.env));
  process.stdout.write(`${lines.join('\n')}\n`);
  if (!ok) process.exitCode = NOT_UP_TO_DATE;
});

function isCommand(text: string): text is MigrateCommand {
  return commands.includes(text);
}
