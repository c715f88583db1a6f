/** The parts of command-api's answers on hosts and their tasks; the whole is in docs/openapi.json. */

export interface HostAnswer {
  readonly id: string;
  readonly hostname: string;
  readonly status: string;
  readonly lastError: string | null;
  /** Since when a new credential is wanted; null when the host has it. */
  readonly rotationRequestedAt: string | null;
  readonly agentVersion: string | null;
  readonly collectors: readonly { readonly variant: string; readonly configHash: string }[];
  readonly inventory: { readonly collector: { readonly kind: string; readonly version: string } };
}

export interface HostDetailAnswer extends HostAnswer {
  readonly presence: {
    readonly lastHeartbeatAt: string;
    readonly collectors: readonly {
      readonly instance: string;
      readonly variant: string;
      readonly pid: number;
    }[];
  } | null;
}

/** How a host does; `no-data` is an answer too. */
export interface HostDebugAnswer {
  readonly id: string;
  readonly status: string;
  readonly at: string;
  readonly checks: readonly {
    readonly name: string;
    readonly status: 'ok' | 'warn' | 'bad' | 'no-data';
    readonly detail: string;
    readonly fix: string | null;
  }[];
  readonly figures: Readonly<Record<string, number | null>>;
}

export interface EnrolmentTokenAnswer {
  readonly id: string;
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly site: string | null;
  readonly maxUses: number;
  readonly uses: readonly { readonly host: string; readonly hostname: string; readonly at: string }[];
  readonly expiresAt: string;
  readonly createdBy: string;
}

/** The only time that the token itself is shown. */
export interface NewEnrolmentTokenAnswer extends Pick<EnrolmentTokenAnswer, 'id' | 'maxUses' | 'expiresAt'> {
  readonly token: string;
}

export interface FleetAnswer {
  readonly hosts: Readonly<
    Record<'total' | 'enrolled' | 'online' | 'suspect' | 'offline' | 'revoked', number>
  >;
  readonly projections: readonly { readonly name: string; readonly lag: number }[];
}

export interface PageAnswer<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

export interface TaskAnswer {
  readonly id: string;
  readonly host: string;
  readonly kind: string;
  readonly phase: string;
  readonly cancel: string;
  readonly requestedAt: string;
  readonly deadline: string;
}

export interface TaskDetailAnswer extends TaskAnswer {
  readonly detail: string | null;
  /** What a preflight says would be lost, as Markdown. */
  readonly card: string | null;
  readonly stages: readonly { readonly stage: string; readonly at: string; readonly detail: string | null }[];
}

/** Figures of a preflight; null where there was no data. */
export interface PreflightFiguresAnswer {
  readonly coveredSeconds: number;
  readonly series: number | null;
  readonly points: number | null;
  readonly bytes: number | null;
  readonly cpuSeconds: number | null;
  readonly rssBytes: number | null;
}

export interface PreflightVariantAnswer {
  readonly variant: string;
  readonly verdict: 'ran' | 'refused' | 'failed';
  readonly reason: string | null;
  readonly windows: readonly (PreflightFiguresAnswer & { readonly start: string })[];
  readonly total: PreflightFiguresAnswer;
  readonly processes: readonly { readonly name: string; readonly points: number; readonly series: number }[];
  readonly moreProcesses: number;
}

/** The detail of a task `Preflight` that is done, as JSON. */
export interface PreflightReportAnswer {
  readonly kind: 'preflight';
  readonly collector: { readonly kind: string; readonly version: string };
  readonly variants: readonly PreflightVariantAnswer[];
  readonly comparison: {
    readonly reduction: {
      readonly series: number | null;
      readonly points: number | null;
      readonly bytes: number | null;
    };
    readonly lost: readonly string[];
    readonly moreLost: number;
    readonly lostCritical: readonly string[];
  } | null;
}

/** The detail of a task `RecordMetrics` that is done, as JSON. */
export interface RecordingReportAnswer {
  readonly kind: 'recording';
  readonly windows: number;
  readonly intervalSeconds: number;
  readonly points: number;
  readonly series: number;
  readonly bytes: number;
  /** Why it is shorter than was asked for. */
  readonly endedEarly: string | null;
  readonly recording: string | null;
}

/** The detail of a task `Simulate` that is done, as JSON. */
export interface SimulationReportAnswer {
  readonly kind: 'simulation';
  readonly profile: string;
  readonly seconds: number;
  readonly processes: number;
  readonly executables: number;
  readonly endedEarly: number;
  readonly cpuSeconds: number;
  readonly classes: readonly {
    readonly name: string;
    readonly processes: number;
    readonly cpuSeconds: number;
  }[];
  readonly bounds: { readonly cores: number; readonly memoryBytes: number };
  readonly user: string;
}
