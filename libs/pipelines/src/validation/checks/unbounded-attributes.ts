import type { Check } from '../check.js';
import { membersOf, type Component, type Model, type Pipeline } from '../model/model.js';
import { parseStatement } from '../ottl/parse.js';
import type { Operand } from '../ottl/syntax.js';
import { statementsOf, type OttlText } from '../ottl/texts.js';
import { below, problem, type Place, type Problem } from '../problem.js';
import { entryOf, isFalse, itemsOf, textOf, valueAt, type Value } from '../read/tree.js';
import { isVendor, readEndpoint } from './endpoints.js';

/** Attributes that take a new value for every process, container, connection or request. */
const unbounded = new Set([
  'process.pid',
  'process.parent_pid',
  'process.command',
  'process.command_line',
  'process.command_args',
  'container.id',
  'k8s.pod.uid',
  'thread.id',
  'trace_id',
  'span_id',
  'session.id',
  'request.id',
  'url.full',
  'client.port',
]);

/** Attributes without bound are not multiplied, and not paid for without a reduction. */
export const unboundedAttributes: Check = (model) => [
  ...model.components.flatMap((component) => [...copiedByStatement(component), ...copiedByAction(component)]),
  ...model.pipelines.filter((pipeline) => isPaidUnreduced(model, pipeline)).map(unreduced),
];

function copiedByStatement(component: Component): readonly Problem[] {
  return statementsOf(component)
    .filter(copies)
    .map(({ place }) => copied(place));
}

/** `set` of an attribute of a point to an unbounded one of the resource. */
function copies({ text, context }: OttlText): boolean {
  const statement = parseStatement(text);
  if (statement?.name !== 'set') return false;
  const [target, source] = statement.args.map((operand) => attributeOf(operand, context));
  return (
    target?.owner === 'datapoint' &&
    source !== undefined &&
    source.owner === 'resource' &&
    unbounded.has(source.key)
  );
}

function attributeOf(
  operand: Operand,
  context: string,
): { readonly owner: string; readonly key: string } | undefined {
  if (operand.type !== 'path') return undefined;
  const [, owner = context, key = ''] = /^(?:(\w+)\.)?attributes\["([^"\\]*)"\]$/.exec(operand.path) ?? [];
  return key === '' ? undefined : { owner, key };
}

function copiedByAction({ type, value, place }: Component): readonly Problem[] {
  if (type !== 'resource' && type !== 'attributes') return [];
  const list = entryOf(value, type === 'resource' ? 'attributes' : 'actions');
  if (list === undefined) return [];
  return itemsOf(list.value)
    .map((item, at) => ({ item, at: below(below(place, list.key, list.offset), at, item.offset) }))
    .filter(({ item }) => unbounded.has(textOf(valueAt(item, 'from_attribute')) ?? ''))
    .map(({ at }) => copied(at));
}

function copied(place: Place): Problem {
  const message = 'This copies an attribute without bound, and every value of it makes a series of its own.';
  return problem('unbounded-attribute', place, message, 'Leave it where it is, or copy one with few values.');
}

/** The process scraper names each process; sent to a vendor with nothing that reduces, each one is a paid series. */
function isPaidUnreduced(model: Model, pipeline: Pipeline): boolean {
  if (pipeline.signal !== 'metrics') return false;
  if (!membersOf(model, pipeline, 'receivers').some(scrapesProcesses)) return false;
  if (!membersOf(model, pipeline, 'exporters').some(isPaid)) return false;
  return !membersOf(model, pipeline, 'processors').some(reduces);
}

function scrapesProcesses({ type, value }: Component): boolean {
  const scraper = entryOf(valueAt(value, 'scrapers'), 'process');
  if (type !== 'hostmetrics' || scraper === undefined) return false;
  return !isFalse(valueAt(scraper.value, 'resource_attributes', 'process.pid', 'enabled'));
}

const paidTypes = new Set(['datadog', 'newrelic', 'signalfx', 'logzio', 'coralogix']);

function isPaid({ type, value }: Component): boolean {
  if (paidTypes.has(type)) return true;
  return ['endpoint', 'metrics_endpoint'].some((key) => isVendor(hostOf(valueAt(value, key))));
}

function hostOf(value: Value | undefined): string | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : readEndpoint(text).host;
}

function reduces({ type, value }: Component): boolean {
  if (type === 'resource') return itemsOf(valueAt(value, 'attributes')).some(deletesUnbounded);
  return ['filter', 'transform', 'groupbyattrs', 'metricstransform', 'interval'].includes(type);
}

function deletesUnbounded(item: Value): boolean {
  return textOf(valueAt(item, 'action')) === 'delete' && textOf(valueAt(item, 'key')) === 'process.pid';
}

function unreduced({ place }: Pipeline): Problem {
  const message =
    'Every process becomes a series of its own at a vendor who bills for series, with nothing that reduces them.';
  return problem('unbounded-attribute', place, message, 'Filter processes, or merge them with groupbyattrs.');
}
