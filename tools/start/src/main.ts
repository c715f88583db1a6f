import { parseArgs } from 'node:util';
import { dataDirectory } from '#tools/embedded';
import { failureLine, startHouse, type House } from '#tools/house';
import { readableLine } from './readable-line.js';

const say = (line: string): void => void process.stdout.write(`${readableLine(line)}\n`);

/** `npm start`: the whole house in the foreground until Ctrl-C. Data is kept between starts. */
async function main(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      // Whoever asks twice does not want to wait; the guardian ends what is left.
      if (stop.signal.aborted) process.exit(130);
      say('stopping ...');
      stop.abort(new Stopped());
    });
  const house = await startHouse({
    dataDirectory: dataDirectory(),
    log: say,
    ports: 'usual',
    signal: stop.signal,
  });
  welcome(house);
  if (!stop.signal.aborted) await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
  await house.stop();
}

function welcome(house: House): void {
  say('');
  say(
    `Phoenix is ready at ${house.apiUrl}  (log in as ${house.adminEmail}; npx phoenix is logged in already)`,
  );
  say(`collector: ${house.collectorNotice}`);
  say('Ctrl-C stops everything; data stays in .phoenix until npm run clean.');
}

/** Somebody stopped the start itself. */
class Stopped extends Error {}

function checkUsage(): boolean {
  try {
    parseArgs({ options: {} });
    return true;
  } catch {
    process.stderr.write('usage: npm start   (it takes no options; PHOENIX_DATA_DIR names another folder)\n');
    return false;
  }
}

if (checkUsage()) {
  try {
    await main();
    say('stopped');
  } catch (error) {
    if (error instanceof Stopped) say('stopped');
    else {
      process.stderr.write(`phoenix could not start: ${failureLine(error)}\n`);
      process.exitCode = 1;
    }
  }
} else process.exitCode = 2;
