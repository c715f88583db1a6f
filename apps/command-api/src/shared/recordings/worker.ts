import { createHash } from 'node:crypto';
import type { MetricsData } from '#lib/otlp';
import {
  comparePlayed,
  decodeRecording,
  encodeRecording,
  mergeRecordings,
  playedFleet,
  playedRecording,
  playVariant,
  RecordingError,
  sampleOf,
  syntheticRecording,
  type FleetParameters,
  type Played,
  type PlayedRecording,
  type PreviewReport,
  type PreviewRequest,
  type Recording,
  type RecordingHeader,
} from '#lib/pipelines';

/** What a preview is played from. */
export type PreviewData =
  | { readonly fleet: FleetParameters }
  /** One at least; several are played as one fleet. */
  | { readonly recordings: readonly Uint8Array[] };
export type PreviewTask = {
  readonly kind: 'preview';
  readonly request: PreviewRequest;
  readonly data: PreviewData;
};
export type RecordTask = {
  readonly kind: 'record';
  readonly fleet: FleetParameters;
  readonly about: { readonly tenant: string; readonly createdAt: string };
};
export type SampleTask = { readonly kind: 'sample'; readonly bytes: Uint8Array };
export type Task = PreviewTask | RecordTask | SampleTask;
/** Packing takes as long as making up, so it is done in the thread too. */
export type PackedRecording = { readonly header: RecordingHeader; readonly content: Uint8Array };
/** Bytes that are no recording are an answer, as errors lose their kind on the way out of a thread. */
type Damaged = { readonly damaged: string };
export type PreviewAnswer = { readonly report: PreviewReport } | Damaged | { readonly notMergeable: string };
export type SampleAnswer = { readonly sample: MetricsData } | Damaged;

/** So many points are kept decoded, about 1 KiB each with all that hangs on them, and what pipelines made of them. */
const KEPT_POINTS = 400_000;
const KEPT_VARIANTS = 6;
/** Parts of a recording that were made by pipelines and are remembered; beyond it is decoded anew. */
const KEPT_PARTS = 1_000_000;
/** Filters are tried on a sample in the event loop of the API. */
const SAMPLE_POINTS = 5_000;

type Kept = { readonly recording: PlayedRecording; readonly variants: Map<string, Played> };

/** The most recently used last. */
const kept = new Map<string, Kept>();

/** Runs in a thread of its own: nothing here touches the event loop of the API. */
export function work(task: Task): PreviewAnswer | PackedRecording | SampleAnswer {
  try {
    switch (task.kind) {
      case 'record':
        return packed(task);
      case 'sample':
        return { sample: sampleOf(decodeRecording(task.bytes), SAMPLE_POINTS) };
      case 'preview':
        return { report: previewed(task) };
    }
  } catch (error) {
    if (error instanceof RecordingError && error.code === 'not-mergeable')
      return { notMergeable: error.message };
    if (error instanceof Error && ['RecordingError', 'OtlpDecodeError'].includes(error.name))
      return { damaged: error.message };
    throw error;
  }
}

function previewed({ data, request }: PreviewTask): PreviewReport {
  const key = 'fleet' in data ? JSON.stringify(data.fleet) : data.recordings.map(digestOf).join(' ');
  const found = recall(key, data);
  const { criticalProcesses } = request;
  const baseline = variantOf(found, request.baseline);
  const candidate = variantOf(found, request.candidate);
  return comparePlayed(baseline, candidate, { recording: found.recording, criticalProcesses });
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function recorded(recordings: readonly Uint8Array[]): Recording {
  const [first, ...others] = recordings.map(decodeRecording);
  if (first === undefined) throw new RangeError('a preview without a recording');
  return others.reduce(mergeRecordings, first);
}

function packed({ about, fleet }: RecordTask): PackedRecording {
  const recording = syntheticRecording(fleet, about);
  return { header: recording.header, content: encodeRecording(recording) };
}

/** The recording as it was decoded last time, or decoded now. */
function recall(key: string, data: PreviewData): Kept {
  const before = kept.get(key);
  kept.delete(key);
  const found =
    before !== undefined && before.recording.layouts.size < KEPT_PARTS
      ? before
      : {
          recording: 'fleet' in data ? playedFleet(data.fleet) : playedRecording(recorded(data.recordings)),
          variants: new Map<string, Played>(),
        };
  kept.set(key, found);
  forgetOldest();
  return found;
}

function forgetOldest(): void {
  let points = [...kept.values()].reduce((sum, { recording }) => sum + recording.atMostPoints, 0);
  for (const [key, { recording }] of kept) {
    if (points <= KEPT_POINTS || kept.size === 1) return;
    kept.delete(key);
    points -= recording.atMostPoints;
  }
}

/** While somebody changes one of two pipelines, the other one need not be played again. */
function variantOf({ recording, variants }: Kept, pipeline: PreviewRequest['baseline']): Played {
  const key = JSON.stringify(pipeline);
  const played = variants.get(key) ?? playVariant(pipeline, recording);
  variants.delete(key);
  variants.set(key, played);
  for (const oldest of variants.keys()) {
    if (variants.size <= KEPT_VARIANTS) break;
    variants.delete(oldest);
  }
  return played;
}
