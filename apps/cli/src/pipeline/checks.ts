import type { Command } from 'commander';
import type { RenderedAnswer, ValidationAnswer } from '#lib/client';
import { exitCodes, UsageError } from '../exit-codes.js';
import { collect, namesIn, pairs, parametersOf } from '../experiment/values.js';
import { openSession } from '../session.js';
import { print, type Terminal } from '../terminal.js';
import { findingsText } from './findings.js';
import {
  contentOf,
  specIn,
  terminalOf,
  textIn,
  withContent,
  withHost,
  withJson,
  type ContentOptions,
  type JsonOption,
} from './options.js';

interface ValidateOptions extends JsonOption {
  readonly spec?: boolean;
  readonly template?: string;
  readonly param: readonly string[];
  readonly forHost?: string;
  readonly recording?: string;
}

interface RenderOptions extends ContentOptions, JsonOption {
  readonly host: string;
  readonly label: readonly string[];
  readonly critical?: string;
}

/** `phoenix pipeline validate|render`: ask, and store nothing. */
export function addChecks(pipeline: Command, terminal: () => Terminal): void {
  withJson(
    pipeline
      .command('validate [file]')
      .description(
        'everything that is wrong with collector YAML, a specification or a template; exit code 1 on errors',
      ),
  )
    .option('--for-host <id>', 'judge it by what the collector of this host offers')
    .option('--recording <id>', 'try the filters of YAML on a recording')
    .option('--spec', 'the file is a specification, as JSON or YAML')
    .option('--template <id>', 'a built-in template instead of a file')
    .option('--param <key=value>', 'parameter of the template (repeatable)', collect, [])
    .action(async (file: string | undefined, options: ValidateOptions) => {
      const body = validated(file, options);
      const found = await (await openSession()).post<ValidationAnswer>('/pipelines/validate', { body });
      print(terminalOf(terminal(), options), found, () =>
        findingsText(file ?? options.template ?? '', found),
      );
      if (!found.valid) process.exitCode = exitCodes.error;
    });
  withContent(
    withJson(pipeline.command('render').description('what a template or a specification is on a host')),
  )
    .requiredOption('--host <id>', 'the host to render for')
    .option('--label <key=value>', 'a label of the host (repeatable)', collect, [])
    .option('--critical <names>', 'executables that must never vanish, with commas between')
    .action(async (options: RenderOptions) => {
      const { critical, host, label } = options;
      const body = {
        ...contentOf(options),
        host: { id: host, labels: pairs(label) },
        ...(critical !== undefined && { criticalProcesses: namesIn(critical) }),
      };
      const rendered = await (await openSession()).post<RenderedAnswer>('/pipelines/render', { body });
      print(terminalOf(terminal(), options), rendered, () => rendered.yaml.trimEnd());
    });
}

/** @throws UsageError */
function validated(file: string | undefined, options: ValidateOptions): object {
  const { forHost, param, recording, spec, template } = options;
  if ((file === undefined) === (template === undefined))
    throw new UsageError('say what to look at: a file or --template <id>');
  if (template !== undefined) return { template, parameters: parametersOf(param) };
  if (param.length > 0) throw new UsageError('--param needs --template <id>');
  if (spec === true) return withHost({ spec: specIn(file ?? '') }, forHost);
  return {
    ...withHost({ yaml: textIn(file ?? '') }, forHost),
    ...(recording !== undefined && { recording }),
  };
}
