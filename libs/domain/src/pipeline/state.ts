export const pipelinePhases = ['active', 'deprecated'] as const;
export type PipelinePhase = (typeof pipelinePhases)[number];

/** Never changes once published. */
export type PipelineVersion = {
  readonly version: number;
  readonly template: string;
  readonly parameters: Readonly<Record<string, unknown>>;
};

export type PipelineState =
  | { readonly phase: 'absent' }
  | {
      readonly phase: PipelinePhase;
      readonly name: string;
      readonly description: string;
      /** Oldest first; version n stands at index n - 1. */
      readonly versions: readonly PipelineVersion[];
    };
