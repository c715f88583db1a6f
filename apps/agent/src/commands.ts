import { Command, Option } from 'commander';
import { pino, stdTimeFunctions } from 'pino';
import { readAgentConfig } from './agent.config.js';
import { findCollector } from './collectors/find-collector.js';
import { diagnosisLine, doctor } from './doctor/doctor.js';
import { enrol } from './enrol/enrol.js';
import { collectorOf, inventory } from './machine/inventory.js';
import { runAgent } from './run/run-agent.js';
import { AGENT_VERSION } from './version.js';

const say = (line: string): unknown => process.stdout.write(`${line}\n`);

/** The agent's command line: `enrol`, `run`, `doctor`. */
export function agentCommands(): Command {
  const program = new Command('phoenix-agent')
    .version(AGENT_VERSION)
    .description('Runs and meters collectors on this host.');
  program
    .command('enrol')
    .description('Trade a short-lived token for the credential of this host.')
    .requiredOption('--url <url>', 'address of the agent gateway, such as http://phoenix:8082')
    .addOption(
      // A variable is seen by this user alone, an argument by everybody on the host.
      new Option('--token <token>', 'enrolment token').env('PHOENIX_TOKEN').makeOptionMandatory(),
    )
    .action(enrolCommand);
  program.command('run').description('Run until stopped.').action(runCommand);
  program
    .command('doctor')
    .description('Check everything the agent needs; exit code 1 when something is wrong.')
    .option('--json', 'one JSON object for each check')
    .action(doctorCommand);
  return program;
}

async function enrolCommand({ token, url }: { readonly token: string; readonly url: string }): Promise<void> {
  const config = readAgentConfig();
  const collector = await findCollector(config.PHOENIX_OTELCOL, config.path);
  const found = inventory(collectorOf(collector));
  const { host, leafUrl, tenant } = await enrol({
    url,
    token,
    folder: config.PHOENIX_AGENT_DIR,
    inventory: found,
  });
  say(`enrolled as host ${host} of tenant ${tenant}; the leaf links to ${leafUrl}`);
}

async function runCommand(): Promise<void> {
  const config = readAgentConfig();
  const log = pino({
    level: config.PHOENIX_LOG_LEVEL,
    base: { app: 'agent' },
    // As the other apps write it.
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => stop.abort(new Error(signal)));
  await runAgent(config, log, stop.signal);
  process.exit(0);
}

async function doctorCommand({ json }: { readonly json?: boolean }): Promise<void> {
  const found = await doctor(readAgentConfig());
  for (const one of found) say(json === true ? JSON.stringify(one) : diagnosisLine(one));
  process.exitCode = found.every(({ fix }) => fix === undefined) ? 0 : 1;
}
