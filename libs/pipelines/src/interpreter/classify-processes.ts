import { attributeValue, type Attribute } from '#lib/otlp';
import type { ProcessorOf } from '../spec/pipeline-spec.js';
import { isAbsent } from './change-attributes.js';
import { once } from './once.js';
import { picks } from './picking.js';
import { builtInClassOf } from './process-resource.js';

/** The attributes of a resource with the class of its process, where it is one. */
export function classified(
  attributes: readonly Attribute[],
  processor: ProcessorOf<'classifyProcesses'>,
  criticalProcesses: readonly string[],
): readonly Attribute[] {
  if (isAbsent(attributeValue(attributes, 'process.pid'))) return attributes;
  const { attribute, critical, builtIn, otherwise } = processor;
  const executable = attributeValue(attributes, 'process.executable.name');
  const first = criticalProcesses.some((name) => name === executable) ? critical : undefined;
  const own = typeof executable === 'string' ? ownClassOf(processor)(executable) : undefined;
  const value = first ?? own ?? (builtIn ? builtInClassOf(attributes) : undefined) ?? otherwise;
  return [...attributes.filter(({ key }) => key !== attribute), { key: attribute, value }];
}

const ownClassOf = once(({ classes }: ProcessorOf<'classifyProcesses'>) => {
  const tests = classes.map(({ name, executables }) => ({ name, isMember: picks(executables) }));
  return (executable: string) => tests.find(({ isMember }) => isMember(executable))?.name;
});
