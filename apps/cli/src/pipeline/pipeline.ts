import type { Command } from 'commander';
import { addPreview } from '../preview/preview.js';
import type { Terminal } from '../terminal.js';
import { addAnswers } from './answers.js';
import { addChanges } from './changes.js';
import { addChecks } from './checks.js';
import { addImport } from './import.js';
import { addQueries } from './queries.js';

/** `phoenix pipeline …`: the catalogue of pipelines. */
export function addPipeline(program: Command, terminal: () => Terminal): void {
  const pipeline = program.command('pipeline').description('the catalogue of pipelines');
  addQueries(pipeline, terminal);
  addChanges(pipeline, terminal);
  addImport(pipeline, terminal);
  addAnswers(pipeline, terminal);
  addChecks(pipeline, terminal);
  addPreview(pipeline, terminal);
}
