import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { Accepted, PhoenixClient, PipelineAnswer, PipelineVersionAnswer } from '#lib/client';
import { UsageError } from '../exit-codes.js';
import { printChange, settle } from '../experiment/change.js';
import { wholeNumber } from '../experiment/values.js';
import { openSession } from '../session.js';
import type { Terminal } from '../terminal.js';
import {
  contentOf,
  terminalOf,
  withContent,
  withJson,
  type ContentOptions,
  type JsonOption,
} from './options.js';
import { pathOf } from './queries.js';

interface CreateOptions extends ContentOptions, JsonOption {
  readonly name: string;
  readonly description?: string;
}

interface ReviseOptions extends ContentOptions, JsonOption {
  readonly again?: string;
  readonly seen?: string;
}

interface DeprecateOptions extends JsonOption {
  readonly reason: string;
}

/** `phoenix pipeline create|revise|deprecate`. */
export function addChanges(pipeline: Command, terminal: () => Terminal): void {
  withContent(withJson(pipeline.command('create').description('put a pipeline into the catalogue')))
    .requiredOption('--name <name>', 'what it is called')
    .option('--description <text>', 'what it is for')
    .action(async (options: CreateOptions) => {
      const { name, description } = options;
      const body = { name, ...(description !== undefined && { description }), ...contentOf(options) };
      await create(terminalOf(terminal(), options), await openSession(), body);
    });
  withContent(withJson(pipeline.command('revise <id>').description('publish another version')))
    .option('--again <version>', 'what an earlier version said, instead of something new')
    .option('--seen <position>', 'only if it has not changed since this position')
    .action((id: string, options: ReviseOptions) => revise(terminalOf(terminal(), options), id, options));
  withJson(pipeline.command('deprecate <id>').description('let nothing new use it; what runs goes on'))
    .requiredOption('--reason <text>', 'why; it stays on record')
    .action(async (id: string, { reason, ...options }: DeprecateOptions) => {
      const session = await openSession();
      const accepted = await session.post<Accepted>(`${pathOf(id)}/deprecate`, {
        body: { reason },
        idempotencyKey: randomUUID(),
      });
      await settle(session, '/pipelines', accepted.position);
      printChange(terminalOf(terminal(), options), accepted, {
        done: `deprecated ${id}`,
        watch: `phoenix pipeline usage ${id}`,
        undo: 'none; create another one with the same content',
      });
    });
}

/** Creates a pipeline and prints it, with what else is known of it and what may come next. */
export async function create(
  terminal: Terminal,
  session: PhoenixClient,
  body: object,
  known: { readonly inJson?: object; readonly next?: (id: string) => string } = {},
): Promise<void> {
  const accepted = await session.post<Accepted>('/pipelines', { body, idempotencyKey: randomUUID() });
  await settle(session, '/pipelines', accepted.position);
  const { id } = accepted;
  printChange(
    terminal,
    { ...accepted, ...known.inJson },
    {
      done: `created ${id}`,
      ...(known.next && { next: known.next(id) }),
      watch: `phoenix pipeline show ${id}`,
      undo: `phoenix pipeline deprecate ${id} --reason <text>`,
    },
  );
}

async function revise(terminal: Terminal, id: string, options: ReviseOptions): Promise<void> {
  const { again, seen } = options;
  const version = again === undefined ? undefined : wholeNumber('--again', again);
  const ifMatch = seen === undefined ? {} : { ifMatch: String(wholeNumber('--seen', seen)) };
  if (version !== undefined) requireNothingNew(options);
  const content = version === undefined ? contentOf(options) : undefined;
  const session = await openSession();
  const body = content ?? (await contentOfVersion(session, id, version ?? 0));
  const before = await session.get<PipelineAnswer>(pathOf(id));
  const accepted = await session.post<Accepted>(`${pathOf(id)}/versions`, {
    body,
    idempotencyKey: randomUUID(),
    ...ifMatch,
  });
  await settle(session, '/pipelines', accepted.position);
  const { latestVersion } = await session.get<PipelineAnswer>(pathOf(id));
  const [was, is] = [before.latestVersion, latestVersion];
  const answer = { ...accepted, version: is, changed: is !== was };
  printChange(terminal, answer, {
    done: is === was ? `${id} says this already in version ${is}` : `published version ${is} of ${id}`,
    watch: is === was ? `phoenix pipeline show ${id}` : `phoenix pipeline diff ${id} ${was} ${is}`,
    undo: is === was ? 'nothing to undo' : `phoenix pipeline revise ${id} --again ${was}`,
  });
}

/** @throws UsageError where something new is given too */
function requireNothingNew({ template, param, spec, yaml }: ReviseOptions): void {
  if ([template, spec, yaml, ...param].some((part) => part !== undefined))
    throw new UsageError('--again is instead of a template, a specification or YAML');
}

async function contentOfVersion(session: PhoenixClient, id: string, version: number): Promise<object> {
  const one = await session.get<PipelineVersionAnswer>(`${pathOf(id)}/versions/${version}`);
  const { template, parameters, spec, yaml } = one;
  if (template !== undefined) return { template, parameters };
  return spec === undefined ? { yaml } : { spec };
}
