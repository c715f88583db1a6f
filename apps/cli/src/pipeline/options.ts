import { readFileSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { UsageError } from '../exit-codes.js';
import { collect, parametersOf } from '../experiment/values.js';
import type { Terminal } from '../terminal.js';

/** More than the API takes of any content. */
const MOST_BYTES = 1_000_000;

/** `--json` of one command. */
export interface JsonOption {
  readonly json?: boolean;
}

/** Options that say what a version of a pipeline says. */
export interface ContentOptions {
  readonly template?: string;
  readonly param: readonly string[];
  readonly spec?: string;
  readonly yaml?: string;
  readonly forHost?: string;
}

export function withJson(command: Command): Command {
  return command.option('--json', 'the same as `-o json`');
}

/** The terminal of a command that was told `--json`. */
export function terminalOf({ json, out }: Terminal, { json: asked = false }: JsonOption): Terminal {
  return { out, json: json || asked };
}

export function withContent(command: Command): Command {
  return command
    .option('--template <id>', 'a built-in template; see `phoenix pipeline templates`')
    .option('--param <key=value>', 'parameter of the template (repeatable)', collect, [])
    .option('--spec <file>', 'a specification, as JSON or YAML')
    .option('--yaml <file>', 'the collector configuration of a host')
    .option('--for-host <id>', 'judge it by what the collector of this host offers');
}

/** The content that the options mean, as the API takes it. @throws UsageError */
export function contentOf({ forHost, template, param, spec, yaml }: ContentOptions): object {
  const given = [template, spec, yaml].filter((part) => part !== undefined);
  if (given.length !== 1)
    throw new UsageError('say what it is: one of --template <id>, --spec <file> and --yaml <file>');
  if (template === undefined && param.length > 0) throw new UsageError('--param needs --template <id>');
  if (template !== undefined) return { template, parameters: parametersOf(param) };
  return withHost(spec === undefined ? { yaml: textIn(yaml ?? '') } : { spec: specIn(spec) }, forHost);
}

/** Content as the API takes it, with the host whose collector it is for. */
export function withHost(content: object, forHost: string | undefined): object {
  return { ...content, ...(forHost !== undefined && { forHost }) };
}

/** The text of a file. @throws UsageError */
export function textIn(file: string): string {
  const bytes = bytesIn(file);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`${file} is not UTF-8`);
  }
}

/** The specification in a file. @throws UsageError */
export function specIn(file: string): object {
  let value: unknown;
  try {
    value = parse(textIn(file));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} is neither JSON nor YAML`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new UsageError(`${file} holds no specification: it has to be a map`);
}

function bytesIn(file: string): Uint8Array {
  let size: number;
  try {
    size = statSync(file).size;
    if (size <= MOST_BYTES) return readFileSync(file);
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`);
  }
  throw new UsageError(`${file} is larger than 1 MB`);
}
