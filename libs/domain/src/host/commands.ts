import type { HostEvent, RunningCollector } from '#lib/events';

/** When the command was given, ISO 8601; set at the edge. */
type At = { readonly at: string };
type Labels = Readonly<Record<string, string>>;
type Inventory = Extract<HostEvent, { type: 'HostEnrolled' }>['data']['inventory'];

/** Also brings a revoked host back: whoever holds a fresh enrolment token was let in by a person. */
export type EnrolHost = At & {
  readonly type: 'EnrolHost';
  readonly hostname: string;
  readonly labels: Labels;
  readonly site?: string | undefined;
  readonly inventory: Inventory;
  readonly publicKey: string;
};
export type RotateHostCredential = At & {
  readonly type: 'RotateHostCredential';
  readonly publicKey: string;
};
/** A person wants it; the host makes its new key itself. */
export type RequestHostCredentialRotation = At & {
  readonly type: 'RequestHostCredentialRotation';
  readonly reason: string;
};
/** The host has named the public half of a new key. */
export type IssueHostCredential = At & {
  readonly type: 'IssueHostCredential';
  readonly publicKey: string;
};
export type RevokeHost = At & { readonly type: 'RevokeHost'; readonly reason: string };
/** Replaces all labels and the site. */
export type LabelHost = At & {
  readonly type: 'LabelHost';
  readonly labels: Labels;
  readonly site?: string | undefined;
};
export type ReportHostOnline = At & {
  readonly type: 'ReportHostOnline';
  readonly bootId: string;
  readonly agentVersion: string;
};
export type ReportHostSuspect = At & {
  readonly type: 'ReportHostSuspect';
  readonly lastHeartbeatAt: string;
};
export type ReportHostOffline = At & {
  readonly type: 'ReportHostOffline';
  readonly lastHeartbeatAt: string;
};
export type ReportInventory = At & { readonly type: 'ReportInventory'; readonly inventory: Inventory };
export type ReportConfigurationApplied = At & {
  readonly type: 'ReportConfigurationApplied';
  readonly generation: number;
  readonly collectors: readonly RunningCollector[];
};
export type ReportConfigurationFailed = At & {
  readonly type: 'ReportConfigurationFailed';
  readonly generation: number;
  readonly reason: string;
};
export type ReportHostFellBack = At & {
  readonly type: 'ReportHostFellBack';
  readonly generation: number;
  readonly reason: string;
  /** What runs now. */
  readonly collectors: readonly RunningCollector[];
};

export type HostCommand =
  | EnrolHost
  | RotateHostCredential
  | RequestHostCredentialRotation
  | IssueHostCredential
  | RevokeHost
  | LabelHost
  | ReportHostOnline
  | ReportHostSuspect
  | ReportHostOffline
  | ReportInventory
  | ReportConfigurationApplied
  | ReportConfigurationFailed
  | ReportHostFellBack;
