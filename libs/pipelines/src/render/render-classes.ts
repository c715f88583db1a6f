import { kernelClass, kernelThreadParent, processClasses } from '../spec/process-classes.js';
import type { ProcessorOf } from '../spec/pipeline-spec.js';
import type { Settings } from './collector-config.js';
import { executableIn, isPicked, literal, resourceAttribute } from './ottl.js';
import { metricStatements } from './transform.js';

const executable = resourceAttribute('process.executable.name');

/** A later statement overwrites an earlier one, so the class that counts most comes last. */
export function classifying(
  processor: ProcessorOf<'classifyProcesses'>,
  criticalProcesses: readonly string[],
): Settings {
  const { attribute, critical, classes, builtIn, otherwise } = processor;
  const set = (name: string): string => `set(${resourceAttribute(attribute)}, ${literal(name)})`;
  const own = classes.map(
    ({ name, executables }) =>
      `${set(name)} where IsString(${executable}) and (${isPicked(executable, executables)})`,
  );
  const known = processClasses.map(
    ({ name, executables }) => `${set(name)} where ${executableIn(executables)}`,
  );
  const first =
    critical === undefined || criticalProcesses.length === 0
      ? []
      : [`${set(critical)} where ${executableIn(criticalProcesses)}`];
  const kernel = `${set(kernelClass)} where ${resourceAttribute('process.parent_pid')} == ${kernelThreadParent}`;
  return metricStatements([
    {
      context: 'resource',
      conditions: [`${resourceAttribute('process.pid')} != nil`],
      statements: [set(otherwise), ...(builtIn ? [...known, kernel] : []), ...own.reverse(), ...first],
    },
  ]);
}
