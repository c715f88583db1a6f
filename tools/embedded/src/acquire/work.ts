import { spawnService, type Log } from '../process/service.js';

const tickMs = 10_000;
const toolBudgetMs = 30 * 60_000;

/** Says what begins, then every ten seconds how long it has been going on, then how long it took. */
export async function withTicks<T>(what: string, log: Log, work: () => Promise<T>): Promise<T> {
  const begin = performance.now();
  const seconds = (): string => `${Math.round((performance.now() - begin) / 1000)} s`;
  log(what);
  const ticks = setInterval(() => log(`${what}: ${seconds()} so far`), tickMs);
  try {
    const result = await work();
    log(`${what}: done in ${seconds()}`);
    return result;
  } finally {
    clearInterval(ticks);
  }
}

/** A command of the machine, such as `tar` or `go`, run to its end. */
export interface ToolRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Runs a tool under guard and returns its output lines.
 * @throws Error with the last lines when it fails or takes longer than half an hour.
 */
export async function runTool(run: ToolRun): Promise<readonly string[]> {
  const lines: string[] = [];
  const service = await spawnService({
    name: run.command,
    command: run.command,
    args: run.args,
    cwd: run.cwd,
    output: { log: (line) => lines.push(line.slice(run.command.length + ' | '.length)) },
    ...(run.env === undefined ? {} : { env: run.env }),
  });
  const hurry = setTimeout(() => void service.kill(), toolBudgetMs);
  const { code, signal } = await service.closed.finally(() => clearTimeout(hurry));
  if (code === 0) return lines;
  const end = lines.slice(-3).join(' / ');
  throw new Error(
    `${run.command} ${run.args[0] ?? ''} ended with ${signal ?? `code ${code ?? '?'}`}: ${end}`,
  );
}
