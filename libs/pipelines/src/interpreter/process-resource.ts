import { attributeValue, type Attribute, type Resource } from '#lib/otlp';
import type { ProcessRule } from '../process-rules.js';
import { tellingAttributes, type Grouping } from '../spec/merging.js';
import { once } from './once.js';
import { kernelClass, kernelThreadParent, otherClass, processClasses } from '../spec/process-classes.js';

/** True for a process that no rule keeps; the twin of the condition that the renderer writes. */
export function isOutside({ attributes }: Resource, rules: readonly ProcessRule[]): boolean {
  const pid = attributeValue(attributes, 'process.pid');
  if (pid === undefined || pid === null) return false;
  const executable = attributeValue(attributes, 'process.executable.name');
  return !rules.some(
    (rule) => rule.executable === executable && (rule.pid === undefined || BigInt(rule.pid) === pid),
  );
}

const telling: ReadonlySet<string> = new Set(tellingAttributes.map((name) => `process.${name}`));

/** The attributes that a process shares with the others of its group. */
export function groupAttributes({ attributes }: Resource, by: Grouping): readonly Attribute[] {
  return groupOf[by](attributes);
}

const groupOf: Readonly<Record<Grouping, (attributes: readonly Attribute[]) => readonly Attribute[]>> = {
  executable: once((attributes) => withoutTelling(attributes, 'executable')),
  class: once((attributes) => withoutTelling(attributes, 'class')),
};

function withoutTelling(attributes: readonly Attribute[], by: Grouping): readonly Attribute[] {
  const shared = attributes.filter(({ key }) => !telling.has(key));
  if (by === 'executable') return shared.map(cleanExecutable);
  const unnamed = shared.filter(({ key }) => key !== executableKey && key !== classKey);
  return [...unnamed, { key: classKey, value: classOf(attributes) }];
}

const executableKey = 'process.executable.name';
const classKey = 'process.class';

function classOf(attributes: readonly Attribute[]): string {
  return builtInClassOf(attributes) ?? otherClass;
}

/** The class of a process, `undefined` where none names it. */
export function builtInClassOf(attributes: readonly Attribute[]): string | undefined {
  if (attributeValue(attributes, 'process.parent_pid') === BigInt(kernelThreadParent)) return kernelClass;
  const executable = attributeValue(attributes, executableKey);
  const found = processClasses.find(({ executables }) => executables.some((name) => name === executable));
  return found?.name;
}

function cleanExecutable(attribute: Attribute): Attribute {
  const { key, value } = attribute;
  return key === executableKey && typeof value === 'string'
    ? { key, value: value.replace(/\/.*/g, '') }
    : attribute;
}
