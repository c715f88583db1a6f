import type { Severity } from '../severity.js';

type RuleFacts = {
  readonly severity: Severity;
  /** Whether the collector's own `validate` refuses the same. `sometimes`: it depends on the component. */
  readonly collector: 'refuses' | 'accepts' | 'sometimes';
  /** What the rule finds, and where the severity needs one, the reason for it. */
  readonly summary: string;
};

/**
 * The rules for raw collector YAML. `docs/collector-rules.md` shows the same table, and a test compares them.
 * An id never changes its meaning. Those shared with specifications mean the same there, where they are errors: a
 * specification is ours to order, a hand-written configuration may have its reasons.
 */
export const collectorRules = {
  'input-size': rule('error', 'accepts', 'Larger than 1 MB, or more parts than a configuration can have.'),
  'input-encoding': rule('error', 'sometimes', 'Not UTF-8, or it holds a byte order mark or NUL.'),
  'yaml-syntax': rule('error', 'refuses', 'Not YAML.'),
  'duplicate-key': rule('error', 'refuses', 'A key stands twice in one map.'),
  'multiple-documents': rule(
    'error',
    'accepts',
    'More than one document; the collector reads the first and says nothing.',
  ),
  'too-deep': rule('error', 'accepts', 'Nested more than 64 levels deep.'),
  'yaml-tag': rule(
    'error',
    'accepts',
    'A tag such as `!!str` or `!include`; readers differ in what they make of them.',
  ),
  'alias-expansion': rule('error', 'sometimes', 'Aliases that make the configuration many times larger.'),
  'alias-cycle': rule('error', 'refuses', 'An alias inside of what it stands for, or one without an anchor.'),
  'root-not-map': rule('error', 'refuses', 'Empty, or no map at the top.'),
  'unknown-section': rule('error', 'refuses', 'A section that the collector does not have.'),
  'component-id': rule('error', 'refuses', 'A component id that is not `type` or `type/name`.'),
  'unknown-component': rule('error', 'refuses', 'A component that this collector does not offer.'),
  'unlisted-component': rule(
    'warning',
    'sometimes',
    "A component that the host's collector does not list. Some versions hide components that have two names.",
  ),
  'wrong-section': rule('error', 'refuses', 'A component of another section.'),
  'unknown-field': rule(
    'error',
    'sometimes',
    'A field that the component does not have. Some ignore it without a word, which is worse than a refusal.',
  ),
  'field-type': rule('error', 'refuses', 'A value of another type than the field has.'),
  'required-field': rule(
    'error',
    'refuses',
    'A field is left out without which the component does not start.',
  ),
  'pipelines-missing': rule('error', 'refuses', 'No service, or no pipelines in it.'),
  'pipeline-id': rule('error', 'refuses', 'A pipeline that is not named after a signal.'),
  'pipeline-incomplete': rule('error', 'refuses', 'A pipeline without a receiver or without an exporter.'),
  'dangling-reference': rule('error', 'refuses', 'A reference to a component that is not defined.'),
  'duplicate-reference': rule('error', 'refuses', 'A pipeline names a processor twice.'),
  'unused-component': rule('warning', 'accepts', 'A component that nothing refers to.'),
  'unsupported-signal': rule(
    'error',
    'refuses',
    'A component that does not handle the signal of its pipeline.',
  ),
  'connector-one-sided': rule('error', 'refuses', 'A connector that is only an exporter or only a receiver.'),
  'memory-limiter-first': rule(
    'warning',
    'accepts',
    'A memory limiter behind another processor: it cannot push back what was already taken in. It still runs.',
  ),
  'batch-last': rule(
    'warning',
    'accepts',
    'A batch processor before one that drops or changes: batches shrink again, and it costs memory. It still runs.',
  ),
  'filter-drops-everything': rule('error', 'accepts', 'A filter one of whose conditions is always true.'),
  'keep-list-as-drop-list': rule(
    'warning',
    'accepts',
    'A filter that is named after what it keeps and drops exactly that, or the other way round.',
  ),
  'filter-matches-nothing': rule('warning', 'accepts', 'A condition that nothing in the sample meets.'),
  'filter-matches-everything': rule('warning', 'accepts', 'A filter that drops the whole sample.'),
  'unbounded-attribute': rule(
    'warning',
    'accepts',
    'An attribute without bound (process id, command line, container id) copied into points or under another name, or sent unreduced to a vendor that bills for series.',
  ),
  'host-identity-missing': rule(
    'warning',
    'accepts',
    'Host metrics that leave the host and do not say which one they are of.',
  ),
  'secret-in-clear': rule(
    'error',
    'accepts',
    'A secret as text. An error, since configurations are stored for ever and shown to many.',
  ),
  'port-clash': rule('error', 'accepts', 'Two listeners on one port; the collector fails when it starts.'),
  'open-endpoint': rule('warning', 'accepts', 'A listener on all interfaces.'),
  'ottl-syntax': rule(
    'error',
    'refuses',
    'A condition or statement that breaks off: a text that does not end, or brackets that do not fit.',
  ),
  'regex-invalid': rule(
    'error',
    'sometimes',
    'A pattern that RE2 does not compile: lookaround, backreferences, repetitions over 1000.',
  ),
  'duration-invalid': rule('error', 'sometimes', 'A negative duration, or an interval of zero.'),
  'duration-implausible': rule(
    'warning',
    'accepts',
    'An interval over a day or under a millisecond, or a number without unit, which is nanoseconds.',
  ),
  'unresolvable-reference': rule(
    'error',
    'refuses',
    'A `${…}` that no provider of this collector can resolve.',
  ),
  'octal-number': rule(
    'warning',
    'accepts',
    'A number that begins with 0, such as `0600`: the collector counts it to base eight, and YAML 1.2 to base ten.',
  ),
  'date-unquoted': rule(
    'error',
    'refuses',
    'A date without quotes: it is a point in time to the collector, and hardly any field takes one.',
  ),
  'dollar-escape': rule('warning', 'accepts', 'A `$` that does not expand although it looks so.'),
} as const satisfies Readonly<Record<string, RuleFacts>>;

/** The id of a rule for raw collector YAML. */
export type CollectorRule = keyof typeof collectorRules;

function rule(severity: Severity, collector: RuleFacts['collector'], summary: string): RuleFacts {
  return { severity, collector, summary };
}
