import { dataDirectory } from '#tools/embedded';
import { startHouse } from '#tools/house';

/** `npm start`: the whole house in the foreground until Ctrl-C. Data is kept between starts. */
async function main(): Promise<void> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const house = await startHouse({ dataDirectory: dataDirectory(), log: say, ports: 'usual' });
  say('');
  say(
    `Phoenix is ready at ${house.apiUrl}  (log in as ${house.adminEmail}; npx phoenix is logged in already)`,
  );
  say(`collector: ${house.collectorNotice}`);
  say('Ctrl-C stops everything; data stays in .phoenix until npm run clean.');

  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  say('stopping ...');
  await house.stop();
  say('stopped');
}

await main().catch((error: unknown) => {
  process.stderr.write(
    `phoenix could not start: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
});
