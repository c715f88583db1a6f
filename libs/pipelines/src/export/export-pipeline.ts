import { createHash } from 'node:crypto';
import { PipelineError, type Finding } from '../findings.js';
import { destinationProfileSchema } from '../destinations/profile.js';
import { toYaml } from '../render/collector-config.js';
import type { PipelineSpec } from '../spec/pipeline-spec.js';
import { placementSchema, validateExport } from './export-request.js';
import { helmFiles } from './helm.js';
import { kubernetesFiles, type ExportedFile } from './kubernetes.js';
import { standaloneConfig } from './standalone-config.js';

export const exportFormats = ['kubernetes', 'helm'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What is asked for; `destination` and `placement` come from outside and are read here. */
export type PipelineExportInput = {
  readonly spec: PipelineSpec;
  readonly format: ExportFormat;
  /** Without it the files name an address that nobody has, with a warning. */
  readonly destination?: unknown;
  readonly placement?: unknown;
  readonly criticalProcesses?: readonly string[];
};

/** Files that bring a pipeline to a cluster. */
export type PipelineExport = {
  readonly format: ExportFormat;
  /** sha-256 over the files, in hexadecimal digits; the annotation in them is that of the configuration. */
  readonly hash: string;
  readonly files: readonly ExportedFile[];
  /** What the exported pipeline does not do. */
  readonly warnings: readonly Finding[];
};

/**
 * A pipeline as files for a cluster; equal input gives equal bytes.
 * @throws PipelineError `invalid-specification` with all findings
 */
export function exportPipeline(input: PipelineExportInput): PipelineExport {
  const { criticalProcesses = [], format, placement = {}, spec } = input;
  const isMissing = input.destination === undefined;
  const asked = isMissing ? nowhere : input.destination;
  const findings = validateExport({ spec, destination: asked, placement });
  if (findings.some(({ severity }) => severity === 'error'))
    throw new PipelineError('invalid-specification', findings);
  const destination = destinationProfileSchema.parse(asked);
  const request = { spec, destination, placement: placementSchema.parse(placement), criticalProcesses };
  const config = toYaml(standaloneConfig(spec, destination, criticalProcesses));
  const configHash = sha256(config);
  const write = format === 'kubernetes' ? kubernetesFiles : helmFiles;
  const files = write(request, config, configHash);
  return {
    format,
    hash: sha256(JSON.stringify(files)),
    files,
    warnings: [...findings, ...(isMissing ? [missing] : [])],
  };
}

/** A name that can belong to nobody (RFC 2606). */
const nowhere = { kind: 'otlp', endpoint: 'https://otlp.example.invalid' };

const missing: Finding = {
  rule: 'destination-missing',
  severity: 'warning',
  path: 'destination',
  message: `no destination was given, so data goes to ${nowhere.endpoint}, which nobody has`,
  fix: 'Give a destination.',
};

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
