import { errorFinding, type Finding } from '../findings.js';
import type { PipelineSpec } from './pipeline-spec.js';

/** Finds a detection that would put another id in the place of the one by which Phoenix knows the host. */
export function hostIdStays({ processors }: PipelineSpec): readonly Finding[] {
  const identified = processors.findIndex(({ kind }) => kind === 'identifyHost');
  return processors.flatMap((processor, index) => {
    if (processor.kind !== 'resourceDetection' || identified < 0 || index < identified) return [];
    const finds = processor.detectors.includes('system') && processor.system?.includes('host.id') === true;
    return finds && processor.override ? [takesIdAway(`processors.${index}`)] : [];
  });
}

/** Finds attributes that are asked of a detector which is not there. */
export function systemIsAsked({ processors }: PipelineSpec): readonly Finding[] {
  return processors.flatMap((processor, index) =>
    processor.kind !== 'resourceDetection' ||
    processor.system === undefined ||
    processor.detectors.includes('system')
      ? []
      : [
          errorFinding(
            'detector-missing',
            `processors.${index}.system`,
            'nobody looks for these attributes',
            'Add system to the detectors, or leave them out.',
          ),
        ],
  );
}

function takesIdAway(path: string): Finding {
  return errorFinding(
    'host-identity-missing',
    path,
    'the id of the machine takes the place of the id by which hosts are told apart',
    'Put resourceDetection before identifyHost, or set override to false.',
  );
}
