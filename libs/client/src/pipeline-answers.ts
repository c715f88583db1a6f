/** Answers about pipelines that the command line reads; the whole is in docs/openapi.json. */

export type PipelineContentKind = 'template' | 'spec' | 'yaml';

export interface PipelineAnswer {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly position: string;
  readonly latestVersion: number;
  readonly deprecated: boolean;
  readonly deprecatedReason: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
}

export interface PipelineVersionAnswer {
  readonly version: number;
  readonly kind: PipelineContentKind;
  readonly contentHash: string;
  readonly template?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  /** Only where one version is asked for. */
  readonly yaml?: string;
  readonly publishedAt: string;
  readonly publishedBy: string;
}

export interface FindingAnswer {
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  readonly path: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  readonly fix: string;
}

export interface ValidationAnswer {
  readonly valid: boolean;
  readonly kind: PipelineContentKind;
  readonly errors: number;
  readonly warnings: number;
  readonly findings: readonly FindingAnswer[];
}

export interface SpecificationChangeAnswer {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface PipelineDiffAnswer {
  readonly from: number;
  readonly to: number;
  readonly equal: boolean;
  readonly specification:
    | { readonly changes: readonly SpecificationChangeAnswer[] }
    | { readonly noData: true; readonly reason: string };
  readonly rendered: {
    readonly host: string | null;
    readonly text: string | null;
    readonly reason: string | null;
  };
}

type Runs = 'yes' | 'no' | 'no-data';

export interface PipelineUsageAnswer {
  readonly experiments: readonly {
    readonly id: string;
    readonly name: string;
    readonly phase: string;
    readonly role: string;
    readonly version: number;
  }[];
  readonly hosts: readonly {
    readonly host: string;
    readonly experimentId: string;
    readonly role: string;
    readonly version: number;
    readonly desired: Runs;
    readonly effective: Runs;
  }[];
  readonly leftOut: { readonly experiments: boolean; readonly hosts: boolean };
}

export interface TemplateAnswer {
  readonly id: string;
  readonly kind: string;
  readonly purpose: string;
  readonly tradeOff: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly type: string;
    readonly description: string;
    readonly default: unknown;
  }[];
}

export interface RenderedAnswer {
  readonly templateId: string;
  readonly yaml: string;
  readonly hash: string;
}
