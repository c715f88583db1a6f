import { registerDecorator } from 'class-validator';
import type { OneShotKind } from '#lib/agent-protocol';

type Rule = {
  readonly needs: readonly string[];
  /** One of these at least. */
  readonly needsOneOf?: readonly string[];
  readonly may: readonly string[];
  readonly maxSeconds?: number;
};

const OF_ALL = ['kind', 'deadlineSeconds'];
const rules: Readonly<Record<OneShotKind, Rule>> = {
  CollectLogs: { needs: ['variant'], may: ['lines'] },
  // A restart always took `lines`, and ignored it.
  RestartCollector: { needs: ['variant'], may: ['lines'] },
  Preflight: {
    needs: [],
    needsOneOf: ['baseline', 'candidate'],
    may: ['seconds', 'criticalProcesses'],
    maxSeconds: 300,
  },
  RecordMetrics: { needs: [], may: ['seconds', 'baseline'], maxSeconds: 300 },
  Simulate: { needs: ['profile', 'seconds'], may: ['processes'] },
};

/** Stands at `kind`: the other fields are those of that kind of task. */
export function FitsItsKind(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'fitsItsKind',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (_kind: unknown, { object }: { readonly object: object } = { object: {} }) =>
          problemOf(object) === undefined,
        defaultMessage: ({ object }: { readonly object: object } = { object: {} }) => problemOf(object) ?? '',
      },
    });
  };
}

/** Another rule speaks of a kind that is none. */
function problemOf(dto: object): string | undefined {
  const fields = new Map(Object.entries(dto).filter(([, value]) => value !== undefined));
  const kind = String(fields.get('kind'));
  const rule = Object.hasOwn(rules, kind) ? rules[kind as OneShotKind] : undefined;
  if (rule === undefined) return undefined;
  return fieldProblem(kind, rule, [...fields.keys()]) ?? timeProblem(kind, rule, fields);
}

function fieldProblem(kind: string, { may, needs, needsOneOf = [] }: Rule, given: readonly string[]) {
  const missing = needs.find((field) => !given.includes(field));
  if (missing !== undefined) return `${kind} needs ${missing}`;
  if (needsOneOf.length > 0 && !needsOneOf.some((field) => given.includes(field)))
    return `${kind} needs ${needsOneOf.join(' or ')}`;
  const strange = given.find((field) => ![...OF_ALL, ...needs, ...needsOneOf, ...may].includes(field));
  return strange === undefined ? undefined : `${kind} takes no ${strange}`;
}

function timeProblem(kind: string, { maxSeconds }: Rule, fields: ReadonlyMap<string, unknown>) {
  const seconds = Number(fields.get('seconds') ?? 0);
  if (maxSeconds !== undefined && seconds > maxSeconds) return `${kind} takes ${maxSeconds} seconds at most`;
  const deadline = Number(fields.get('deadlineSeconds') ?? Infinity);
  return deadline <= seconds ? 'deadlineSeconds must be more than seconds' : undefined;
}
