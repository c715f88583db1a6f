import { processMetricsOf, type PipelineSpec } from '../spec/pipeline-spec.js';
import { seriesOfProcess } from '../spec/process-metrics.js';
import type { SelectingProcessor } from '../spec/selection-rules.js';
import { selectionId } from './render-selection.js';
import type { Control } from './rendered-pipeline.js';

/** What the agent is told about a set, beside the configuration that holds it. */
export function controlOf(
  processor: SelectingProcessor,
  spec: Pick<PipelineSpec, 'source'>,
  criticalProcesses: readonly string[],
): Control {
  const written = { processor: selectionId(processor), criticalProcesses };
  switch (processor.kind) {
    case 'keepTopK':
      return { ...processor, kind: 'topk', ...written };
    case 'keepAboveThresholds':
      return { ...processor, kind: 'thresholds', ...written };
    case 'keepAdaptive': {
      const seriesEach = seriesOfProcess(processMetricsOf(spec));
      return { ...processor, kind: 'adaptive', seriesEach, ...written };
    }
  }
}

/** The processor behind a control, for those who have the rendering and not its specification. */
export function processorOfControl(control: Control): SelectingProcessor {
  const { criticalProcesses: _, processor: __, ...settings } = control;
  switch (settings.kind) {
    case 'topk':
      return { ...settings, kind: 'keepTopK' };
    case 'thresholds':
      return { ...settings, kind: 'keepAboveThresholds' };
    case 'adaptive': {
      const { seriesEach: ___, ...adaptive } = settings;
      return { ...adaptive, kind: 'keepAdaptive' };
    }
  }
}
