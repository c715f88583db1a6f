import { basename } from 'node:path';
import { Option, type Command } from 'commander';
import type { ValidationAnswer } from '#lib/client';
import { exitCodes } from '../exit-codes.js';
import { versionOf } from '../experiment/values.js';
import { openSession } from '../session.js';
import { print, type Terminal } from '../terminal.js';
import { create } from './changes.js';
import { findingsText } from './findings.js';
import { terminalOf, textIn, withHost, withJson, type JsonOption } from './options.js';

interface ImportOptions extends JsonOption {
  readonly as: 'baseline';
  readonly forHost?: string;
  readonly name?: string;
}

const LONGEST_NAME = 120;

/**
 * `phoenix pipeline import <yaml>`: the file is read and nothing else; the host goes on as it is. What it would take
 * to be the baseline of an experiment is looked at before it is created.
 */
export function addImport(pipeline: Command, terminal: () => Terminal): void {
  withJson(
    pipeline
      .command('import <yaml>')
      .description("put a host's own collector configuration into the catalogue; the host stays as it is"),
  )
    .addOption(new Option('--as <role>', 'what it is to be').choices(['baseline']).makeOptionMandatory())
    .option('--for-host <id>', 'judge it by what the collector of this host offers')
    .option('--name <name>', 'what it is called; the name of the file when left out')
    .action((file: string, options: ImportOptions) =>
      importFile(terminalOf(terminal(), options), file, options),
    );
}

async function importFile(
  terminal: Terminal,
  file: string,
  { as, forHost, name }: ImportOptions,
): Promise<void> {
  const content = withHost({ yaml: textIn(file) }, forHost);
  const session = await openSession();
  const found = await session.post<ValidationAnswer>('/pipelines/validate', {
    body: { ...content, as },
  });
  if (!found.valid) {
    print(terminal, found, () => `${findingsText(file, found)}\nnothing was created`);
    process.exitCode = exitCodes.error;
    return;
  }
  if (!terminal.json) terminal.out(findingsText(file, found));
  const body = {
    name: name ?? basename(file).slice(0, LONGEST_NAME),
    description: `Imported as ${as}.`,
    ...content,
  };
  await create(terminal, session, body, {
    ...(terminal.json && { inJson: { findings: found.findings } }),
    next: (id) =>
      `phoenix experiment create --name <name> --${as} ${versionOf(id, 1)} --candidate <template> --host <id>`,
  });
}
