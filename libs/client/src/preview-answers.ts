/** The parts of previews and recordings that the command line reads; the whole is in docs/openapi.json. */

/** A stored recording. */
export interface RecordingAnswer {
  readonly id: string;
  readonly kind: string;
  readonly source: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly durationSeconds: number;
  readonly hosts: number;
  readonly points: number;
  readonly series: number;
  readonly bytes: number;
}

/** What a candidate would lose. */
export interface PreviewAnswer {
  readonly report: {
    readonly critical: readonly { readonly name: string; readonly outcome: string }[];
  };
  /** For people, as Markdown. */
  readonly card: string;
}
