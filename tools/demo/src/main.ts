import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PhoenixClient, reductionLine } from '#lib/client';
import { dataDirectory } from '#tools/embedded';
import { failureLine, startHouse, type House } from '#tools/house';
import { startCountingBackend, type CountingBackend } from './backend.js';
import { startExperiment, untilConcluded, untilHostIsOnline, type DemoResult } from './experiment.js';
import { criticalProcesses, startDemoProcesses } from './processes.js';
import { reportJson, reportLines } from './report.js';

const { values: options } = parseArgs({
  options: { once: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
/** With `--json` only the final object goes to standard output. */
const say = (line: string): void => void (options.json ? process.stderr : process.stdout).write(`${line}\n`);
const quiet = (line: string): void => {
  if (process.env['PHOENIX_DEMO_VERBOSE'] !== undefined) say(line);
};

const stops: (() => Promise<unknown>)[] = [];
const stopEverything = async (): Promise<void> => {
  for (const stop of stops.splice(0).reverse()) await stop();
};

async function main(): Promise<void> {
  say('Phoenix demo: a real A/B experiment on this machine, in about two and a half minutes.');
  say(
    'It starts 40 small labelled processes, because a quiet machine has nothing to reduce, and removes them at',
  );
  say('the end. Everything listens on loopback; nothing is sent anywhere else.');
  const folder = dataDirectory();
  const processes = await startDemoProcesses(join(folder, 'demo-processes'));
  stops.push(() => processes.stop());
  say(`- ${processes.names.length} processes run, critical ones: ${criticalProcesses.join(', ')}`);
  const backend = await startCountingBackend();
  stops.push(() => backend.stop());
  say(`- a counting backend stands in for your vendor at ${backend.url}`);
  say('- starting Phoenix: NATS hub and leaf, PostgreSQL, four apps, the agent of this host');
  const house = await startHouse({
    dataDirectory: folder,
    log: quiet,
    ports: 'usual',
    backendUrl: backend.url,
  });
  stops.push(() => house.stop());
  say(`- ready at ${house.apiUrl}, collector: ${house.collectorNotice}`);

  const client = new PhoenixClient({ apiUrl: house.apiUrl, token: house.api.token });
  const result = await runExperiment(client);
  const surroundings = { collector: house.collectorNotice, backend: backend.count(), apiUrl: house.apiUrl };
  say('');
  for (const line of reportLines(result, surroundings)) say(line);
  if (options.json) process.stdout.write(`${JSON.stringify(reportJson(result, surroundings))}\n`);
  if (!options.once) await stayUp(house, backend);
}

async function runExperiment(client: PhoenixClient): Promise<DemoResult> {
  const host = await untilHostIsOnline(client);
  say(`- host ${host.id} is enrolled and online`);
  const { id } = await startExperiment(client, host.id, criticalProcesses);
  say(`- experiment ${id}: baseline (every process) against topk (the ten busiest and the critical ones)`);
  let told = '';
  return untilConcluded(client, id, (experiment, kpis) => {
    const figures = kpis === undefined || 'noData' in kpis.series.reduction ? '' : `  ${reductionLine(kpis)}`;
    const line = `  ${experiment.phase}${figures}`;
    if (line !== told) say(line);
    told = line;
  });
}

async function stayUp(house: House, backend: CountingBackend): Promise<void> {
  say('');
  say(`Phoenix stays up; log in as ${house.adminEmail} (password in .phoenix/secrets/admin.password).`);
  say('Ctrl-C stops everything and removes the demo processes.');
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  say(`stopping; the backend received ${backend.count().points} points in all`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`demo: ${failureLine(error)}\n`);
  process.exitCode = 1;
} finally {
  await stopEverything();
}
process.exit();
