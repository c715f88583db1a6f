import type { Command } from 'commander';
import type { PipelineAnswer, PipelineDiffAnswer, PipelineUsageAnswer } from '#lib/client';
import { UsageError } from '../exit-codes.js';
import { wholeNumber } from '../experiment/values.js';
import { openSession } from '../session.js';
import { print, table, type Terminal } from '../terminal.js';
import { terminalOf, withJson, type JsonOption } from './options.js';
import { pathOf } from './queries.js';

interface DiffOptions extends JsonOption {
  readonly host?: string;
}

/** `phoenix pipeline diff|usage`. */
export function addAnswers(pipeline: Command, terminal: () => Terminal): void {
  withJson(
    pipeline
      .command('diff <id> [from] [to]')
      .description('how two versions differ; the two newest when none is named'),
  )
    .option('--host <id>', 'render both for this host')
    .action(async (id: string, from: string | undefined, to: string | undefined, options: DiffOptions) => {
      await diff(terminalOf(terminal(), options), id, { from, to, host: options.host });
    });
  withJson(pipeline.command('usage <id>').description('who uses which version')).action(
    async (id: string, options: JsonOption) => {
      const session = await openSession();
      const usage = await session.get<PipelineUsageAnswer>(`${pathOf(id)}/usage`);
      print(terminalOf(terminal(), options), usage, () => usageText(usage));
    },
  );
}

interface Asked {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly host: string | undefined;
}

async function diff(terminal: Terminal, id: string, { from, to, host }: Asked): Promise<void> {
  if (from !== undefined && to === undefined) throw new UsageError('name both versions, or none');
  const named =
    from === undefined || to === undefined
      ? undefined
      : { from: wholeNumber('from', from), to: wholeNumber('to', to) };
  const session = await openSession();
  const { latestVersion } =
    named === undefined ? await session.get<PipelineAnswer>(pathOf(id)) : { latestVersion: 0 };
  if (named === undefined && latestVersion < 2)
    throw new UsageError(`${id} has ${latestVersion} version: there is nothing to compare it with`);
  const { from: first, to: second } = named ?? { from: latestVersion - 1, to: latestVersion };
  const query = { from: String(first), to: String(second), host };
  const answer = await session.get<PipelineDiffAnswer>(`${pathOf(id)}/diff`, { query });
  print(terminal, answer, () => diffText(answer));
}

/** A difference in words: by path, then as a unified diff. */
export function diffText({ equal, rendered, specification }: PipelineDiffAnswer): string {
  if (equal) return 'both say the same';
  const changes =
    'noData' in specification
      ? [`no data: ${specification.reason}`]
      : specification.changes.map(({ path, change, before, after }) => {
          const [was, is] = [before, after].map((value) => JSON.stringify(value));
          if (change === 'changed') return `~ ${path}: ${was ?? ''} -> ${is ?? ''}`;
          return change === 'added' ? `+ ${path}: ${is ?? ''}` : `- ${path}: ${was ?? ''}`;
        });
  const on = rendered.host ?? 'an example host';
  const text = rendered.text ?? `no data: ${rendered.reason ?? 'unknown'}`;
  return [...changes, '', text === '' ? `rendered for ${on} both are the same` : text.trimEnd()].join('\n');
}

/** Who uses a pipeline, in two tables. */
export function usageText({ experiments, hosts, leftOut }: PipelineUsageAnswer): string {
  const more = leftOut.experiments || leftOut.hosts ? ['there are more; these are the newest'] : [];
  if (experiments.length === 0) return 'no experiment uses it';
  return [
    table(
      ['EXPERIMENT', 'NAME', 'PHASE', 'ROLE', 'VERSION'],
      experiments.map(({ id, name, phase, role, version }) => [id, name, phase, role, version]),
    ),
    ...(hosts.length === 0 ? ['no host runs it'] : [hostTable(hosts)]),
    ...more,
  ].join('\n\n');
}

function hostTable(hosts: PipelineUsageAnswer['hosts']): string {
  return table(
    ['HOST', 'VERSION', 'DESIRED', 'EFFECTIVE', 'EXPERIMENT', 'ROLE'],
    hosts.map(({ host, version, desired, effective, experimentId, role }) => [
      ...[host, version, words[desired], words[effective]],
      ...[experimentId, role],
    ]),
  );
}

const words = { yes: 'yes', no: 'no', 'no-data': 'no data' } as const;
