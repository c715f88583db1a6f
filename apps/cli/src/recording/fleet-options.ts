import type { Command } from 'commander';
import { UsageError } from '../exit-codes.js';
import { wholeNumber } from '../experiment/values.js';

/** What a made-up fleet is asked for with. */
export interface FleetOptions {
  readonly hosts?: string;
  readonly processes?: string;
  readonly seed?: string;
  readonly seconds?: string;
  readonly churn?: string;
}

export function addFleetOptions(command: Command): Command {
  return command
    .option('--hosts <n>', 'hosts of a made-up fleet, 1 to 200')
    .option('--processes <n>', 'processes on each of them, 1 to 5000')
    .option('--seed <n>', 'equal seeds make equal fleets')
    .option('--seconds <n>', 'how long it is scraped, 10 to 3600')
    .option('--churn <factor>', 'how much faster than usual processes come and go; 0 keeps all');
}

/** The fleet of the request; `undefined` where no option names one. @throws UsageError */
export function fleetIn(options: FleetOptions): Readonly<Record<string, number>> | undefined {
  const { churn, ...whole } = options;
  const named = (['hosts', 'processes', 'seed', 'seconds'] as const).flatMap((name) => {
    const text = whole[name];
    return text === undefined ? [] : [[name, wholeNumber(`--${name}`, text)] as const];
  });
  const fleet = Object.fromEntries(named);
  if (churn !== undefined) fleet['churn'] = factor(churn);
  return Object.keys(fleet).length === 0 ? undefined : fleet;
}

function factor(text: string): number {
  if (!/^\d{1,3}(\.\d+)?$/.test(text)) throw new UsageError(`--churn takes a number, not "${text}"`);
  return Number(text);
}
