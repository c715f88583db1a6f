import { Composer, type Document, type ErrorCode, type ParsedNode } from 'yaml';
import { problem, type Problem } from '../problem.js';
import { ReadStopped, TreeBuilder } from './build-tree.js';
import { lex } from './lex.js';
import { MAX_FINDINGS_PER_RULE } from './limits.js';
import type { Value } from './tree.js';

/** What was read, as far as that went; without a root there is nothing to check. */
export type Reading = { readonly root?: Value; readonly problems: readonly Problem[] };

/** Reads a text as one YAML document, in time and memory that the limits bound. Never throws. */
export function parseYaml(text: string): Reading {
  const tokens = lex(text);
  if ('rule' in tokens) return { problems: [tokens] };
  // Keys are compared by us: the library compares each with each.
  const composer = new Composer<ParsedNode>({
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const [document, second] = [...composer.compose(tokens, true, text.length)];
  const syntax = document === undefined ? [] : syntaxProblems(document);
  if (document === undefined || syntax.length > 0) return { problems: syntax };
  const { root, problems } = built(document);
  const more = second === undefined ? [] : [secondDocument(second)];
  return { ...(root === undefined ? {} : { root }), problems: [...problems, ...more] };
}

function built(document: Document.Parsed): Reading {
  const builder = new TreeBuilder();
  try {
    const root = builder.build(document.contents, document.range[0]);
    return { root, problems: builder.problems };
  } catch (error) {
    if (error instanceof ReadStopped) return { problems: [...builder.problems, error.reason] };
    throw error;
  }
}

function secondDocument(document: Document.Parsed): Problem {
  const place = { path: '', offset: document.range[0] };
  const message = 'A second document begins here; the collector would ignore it.';
  return problem('multiple-documents', place, message, 'Keep one document.');
}

/** The library's own messages quote the text, which may hold secrets; ours do not. */
function syntaxProblems({ errors }: Document.Parsed): readonly Problem[] {
  return errors
    .filter(({ code }) => code !== 'TAG_RESOLVE_FAILED')
    .slice(0, MAX_FINDINGS_PER_RULE)
    .map(({ code, pos }) => {
      const message = SENTENCES[code] ?? 'The text is not YAML here.';
      return problem(
        'yaml-syntax',
        { path: '', offset: pos[0] },
        message,
        'Correct the spelling or quote the value.',
      );
    });
}

const SENTENCES: Partial<Readonly<Record<ErrorCode, string>>> = {
  BAD_INDENT: 'The indentation does not fit what stands above.',
  TAB_AS_INDENT: 'A tab cannot indent.',
  MISSING_CHAR: 'A bracket, quote or colon is missing.',
  BAD_DQ_ESCAPE: 'A text in double quotes has an escape that YAML does not know.',
  BAD_SCALAR_START: 'A text cannot begin with this sign unless it is quoted.',
  BLOCK_AS_IMPLICIT_KEY: 'A map cannot stand on the line of another key.',
  MULTILINE_IMPLICIT_KEY: 'A key has to fit on one line.',
  UNEXPECTED_TOKEN: 'Something stands here that does not belong here.',
};
