import type { PipelineContent } from '#lib/events';

export const pipelinePhases = ['active', 'deprecated'] as const;
export type PipelinePhase = (typeof pipelinePhases)[number];

/** Never changes once published. */
export type PipelineVersion = {
  readonly version: number;
  readonly content: PipelineContent;
  readonly contentHash: string;
};

export type PipelineState =
  | { readonly phase: 'absent' }
  | {
      readonly phase: PipelinePhase;
      readonly name: string;
      readonly description: string;
      /** Oldest first; version n stands at index n - 1. */
      readonly versions: readonly PipelineVersion[];
      /** Why it should not be used for anything new; of a deprecated one. */
      readonly deprecatedReason?: string;
    };
