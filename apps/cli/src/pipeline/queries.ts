import type { Command } from 'commander';
import type { PipelineAnswer, PipelineVersionAnswer, TemplateAnswer } from '#lib/client';
import { stringify } from 'yaml';
import { wholeNumber } from '../experiment/values.js';
import { openSession } from '../session.js';
import { print, table, type Terminal } from '../terminal.js';
import { terminalOf, withJson, type JsonOption } from './options.js';

type List<Item> = { readonly items: readonly Item[] };

/** The path of a pipeline in the API. */
export const pathOf = (id: string): string => `/pipelines/${encodeURIComponent(id)}`;

/** `phoenix pipeline list|show|templates`. */
export function addQueries(pipeline: Command, terminal: () => Terminal): void {
  withJson(pipeline.command('list').description('pipelines by name')).action(async (options: JsonOption) => {
    const { items } = await (await openSession()).get<List<PipelineAnswer>>('/pipelines');
    print(terminalOf(terminal(), options), items, () =>
      table(
        ['ID', 'NAME', 'VERSION', 'STATE'],
        items.map(({ id, name, latestVersion, deprecated }) => [
          ...[id, name, latestVersion],
          deprecated ? 'deprecated' : 'active',
        ]),
      ),
    );
  });
  withJson(pipeline.command('show <id>').description('a pipeline and its versions, or one of them'))
    .option('--version <n>', 'everything that this version says')
    .action((id: string, options: ShowOptions) => show(terminalOf(terminal(), options), id, options));
  withJson(pipeline.command('templates').description('the built-in templates with their parameters')).action(
    async (options: JsonOption) => {
      const { items } = await (await openSession()).get<List<TemplateAnswer>>('/pipelines/templates');
      print(terminalOf(terminal(), options), items, () => items.map(templateText).join('\n\n'));
    },
  );
}

interface ShowOptions extends JsonOption {
  readonly version?: string;
}

async function show(terminal: Terminal, id: string, { version }: ShowOptions): Promise<void> {
  const n = version === undefined ? undefined : wholeNumber('--version', version);
  const session = await openSession();
  if (n !== undefined) {
    const one = await session.get<PipelineVersionAnswer>(`${pathOf(id)}/versions/${n}`);
    print(terminal, one, () => contentText(one));
    return;
  }
  const [one, { items }] = await Promise.all([
    session.get<PipelineAnswer>(pathOf(id)),
    session.get<List<PipelineVersionAnswer>>(`${pathOf(id)}/versions`),
  ]);
  print(terminal, { ...one, versions: items }, () => pipelineText(one, items));
}

/** A pipeline in words, newest version first. */
export function pipelineText(pipeline: PipelineAnswer, versions: readonly PipelineVersionAnswer[]): string {
  const { id, name, description, deprecated, deprecatedReason } = pipeline;
  return [
    `${id}  ${name}${deprecated ? `  deprecated: ${deprecatedReason ?? ''}` : ''}`,
    ...(description === '' ? [] : [description]),
    table(
      ['VERSION', 'KIND', 'SAYS', 'HASH', 'AT', 'BY'],
      versions.map((one) => [
        ...[one.version, one.kind, gist(one), one.contentHash.slice(0, 12)],
        ...[one.publishedAt, one.publishedBy],
      ]),
    ),
  ].join('\n');
}

function gist({ template, parameters }: PipelineVersionAnswer): string {
  if (template === undefined) return '';
  return [
    template,
    ...Object.entries(parameters ?? {}).map(([key, value]) => `${key}=${String(value)}`),
  ].join(' ');
}

function contentText({ template, parameters, spec, yaml }: PipelineVersionAnswer): string {
  if (yaml !== undefined) return yaml.trimEnd();
  return stringify(spec ?? { template, parameters }).trimEnd();
}

function templateText({ id, purpose, tradeOff, parameters }: TemplateAnswer): string {
  return [
    `${id}: ${purpose}`,
    `  ${tradeOff}`,
    ...parameters.map((one) => `  ${one.name}=${JSON.stringify(one.default)}  ${one.description}`),
  ].join('\n');
}
