import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Option, type Command } from 'commander';
import type { PipelineExportAnswer } from '#lib/client';
import { UsageError } from '../exit-codes.js';
import { collect, namesIn, parametersOf } from '../experiment/values.js';
import { openSession } from '../session.js';
import { print, type Terminal } from '../terminal.js';
import { publish, type GitOptions } from './publish.js';

interface ExportOptions extends GitOptions {
  readonly template?: string;
  readonly spec?: string;
  readonly set: readonly string[];
  readonly format: string;
  readonly destination?: string;
  readonly critical?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly image?: string;
  readonly out?: string;
}

/** `phoenix pipeline export`: a pipeline as files, printed, written to a folder, or proposed to a repository. */
export function addPipelineExport(program: Command, terminal: () => Terminal): void {
  pipelineGroup(program)
    .command('export')
    .description('write a pipeline as Kubernetes manifests or Helm values, or propose it to a repository')
    .option('--template <id>', 'a built-in template')
    .option('--spec <file>', 'a specification as JSON, in place of a template')
    .option('--set <key=value>', 'parameter of the template (repeatable)', collect, [])
    .addOption(
      new Option('--format <format>', 'what to write').choices(['kubernetes', 'helm']).default('kubernetes'),
    )
    .option('--destination <file>', 'a destination as JSON; its secrets are references')
    .option('--critical <names>', 'processes that stay individual, separated by commas')
    .option('--name <name>', 'what the workload is called')
    .option('--namespace <name>', 'the namespace it runs in')
    .option('--image <image>', 'the collector that runs it')
    .option('--out <folder>', 'write the files here instead of printing them')
    .option('--git <address>', 'commit the files to this repository; PHOENIX_GIT_TOKEN opens it')
    .option('--branch <name>', 'the branch for the commit')
    .option('--base <name>', 'the branch it begins at and is proposed to; the main branch when left out')
    .option('--path <folder>', 'the folder in the repository; phoenix/ and the name when left out')
    .option('--pull-request', 'open a pull request, or find the open one', false)
    .option('--provider <name>', 'github or gitlab, where the address does not tell')
    .option('--api-url <address>', 'the provider’s API, where it is not in its usual place')
    .action((options: ExportOptions) => exportPipeline(terminal(), options));
}

/** The group of commands on pipelines, whoever comes first. */
function pipelineGroup(program: Command): Command {
  const known = program.commands.find((one) => one.name() === 'pipeline');
  return known ?? program.command('pipeline').description('describe pipelines and take them elsewhere');
}

async function exportPipeline(terminal: Terminal, options: ExportOptions): Promise<void> {
  requireOneWayOut(options);
  const body = await bodyOf(options);
  const session = await openSession();
  const exported = await session.post<PipelineExportAnswer>('/pipelines/export', { body });
  if (options.git !== undefined) {
    const published = await publish(exported, { ...options, git: options.git });
    print(terminal, { ...published, warnings: exported.warnings }, () =>
      [...warningsOf(exported), ...published.words].join('\n'),
    );
    return;
  }
  if (options.out !== undefined) await writeAll(options.out, exported);
  print(terminal, exported, () => textOf(exported, options.out));
}

function requireOneWayOut({ branch, git, out, pullRequest }: ExportOptions): void {
  if (git !== undefined && out !== undefined) throw new UsageError('give --out or --git, not both');
  if (git === undefined && (branch !== undefined || pullRequest))
    throw new UsageError('--branch and --pull-request belong to --git');
}

async function bodyOf(options: ExportOptions): Promise<object> {
  const { critical, destination, format, image, name, namespace, set, spec, template } = options;
  if ((template === undefined) === (spec === undefined))
    throw new UsageError('give --template or --spec, and one of them only');
  const placement = { ...(name && { name }), ...(namespace && { namespace }), ...(image && { image }) };
  return {
    format,
    ...(template !== undefined && { template, parameters: parametersOf(set) }),
    ...(spec !== undefined && { spec: await jsonIn(spec) }),
    ...(destination !== undefined && { destination: await jsonIn(destination) }),
    ...(critical !== undefined && { criticalProcesses: namesIn(critical) }),
    ...(Object.keys(placement).length > 0 && { placement }),
  };
}

/** What a parser says quotes the text, which may hold a secret that should not be there. */
async function jsonIn(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`${file} cannot be read`);
  });
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${file} is no JSON`);
  }
}

async function writeAll(folder: string, { files }: PipelineExportAnswer): Promise<void> {
  for (const { content, path } of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** One stream of documents that `kubectl apply -f -` takes; warnings are comments in it. */
function textOf(exported: PipelineExportAnswer, out: string | undefined): string {
  const warnings = warningsOf(exported);
  if (out !== undefined)
    return [...warnings, ...exported.files.map(({ path }) => `wrote ${join(out, path)}`)].join('\n');
  return [...warnings, exported.files.map(({ content }) => content.trimEnd()).join('\n---\n')].join('\n');
}

function warningsOf({ warnings }: PipelineExportAnswer): readonly string[] {
  return warnings.map(({ fix, message }) => `# warning: ${message}. ${fix}`);
}
