import { staleAfterMinutes } from '../spec/merging.js';
import type { NameSelection } from '../spec/naming.js';
import type { ProcessorOf } from '../spec/pipeline-spec.js';
import { exactly } from '../spec/regex.js';
import { plainText, type Settings } from './collector-config.js';

export function toDelta({ metrics }: ProcessorOf<'cumulativeToDelta'>): Settings {
  return {
    ...(metrics && { include: included(metrics) }),
    // Without a limit the state of every series that ever was would stay in memory.
    max_staleness: `${staleAfterMinutes}m`,
  };
}

function included({ names, patterns }: NameSelection): Settings {
  if (patterns.length === 0) return { match_type: 'strict', metrics: names.map(plainText) };
  return { match_type: 'regexp', metrics: [...names.map(exactly), ...patterns].map(plainText) };
}
