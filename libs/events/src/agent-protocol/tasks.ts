import { z } from 'zod';
import { boundedName, hostTime } from './bounds.js';
import { collectorVariantSchema } from './variant.js';

const at = hostTime;
/** Stands in a subject (`rep.<tenant>.<host>.<taskId>`), so it has no dots and no wildcards. */
export const taskIdSchema = z.string().regex(/^[\w-]{1,100}$/, 'use letters, digits, _ and -');
const taskId = taskIdSchema;

/** One-shot: the last lines of a collector's log, as the detail of the result. */
export const collectLogsSchema = z.object({
  kind: z.literal('CollectLogs'),
  taskId,
  deadline: at,
  variant: collectorVariantSchema,
  lines: z.int().positive().max(500),
});
export type CollectLogs = Readonly<z.output<typeof collectLogsSchema>>;

/** One-shot: another process of the same configuration, started beside the old one before that one drains. */
export const restartCollectorSchema = z.object({
  kind: z.literal('RestartCollector'),
  taskId,
  deadline: at,
  variant: collectorVariantSchema,
});
export type RestartCollector = Readonly<z.output<typeof restartCollectorSchema>>;

/**
 * One-shot: pipelines are tried on the host in a sandbox beside whatever runs, for `seconds` of measured windows. They
 * export nothing, and their windows stay on the host; the detail of the result is a `PreflightReport`. `rendered` is
 * what `libs/pipelines` made for this host, and `configHash` covers it.
 */
export const preflightSchema = z.object({
  kind: z.literal('Preflight'),
  taskId,
  deadline: at,
  seconds: z.int().min(10).max(300).default(30),
  collectors: z
    .array(z.object({ variant: collectorVariantSchema, configHash: boundedName, rendered: z.unknown() }))
    .min(1)
    .max(2)
    .refine(isOnePerVariant, 'name each variant once'),
  criticalProcesses: z.array(z.string().max(255)).max(200),
});
export type Preflight = Readonly<z.output<typeof preflightSchema>>;

/**
 * One-shot: one collector scrapes in a sandbox for `seconds`, unfiltered, and what it sends is kept as a recording for
 * previews. The recording travels as `RecordingPart`s before the result, whose detail is a `RecordingReport`.
 */
export const recordMetricsSchema = z.object({
  kind: z.literal('RecordMetrics'),
  taskId,
  deadline: at,
  seconds: z.int().min(10).max(300).default(60),
  collector: z.object({ configHash: boundedName, rendered: z.unknown() }),
});
export type RecordMetrics = Readonly<z.output<typeof recordMetricsSchema>>;

/** How a simulated load behaves. */
export const simulationProfiles = [
  'realistic',
  'high-cardinality',
  'spike',
  'process-churn',
  'steady',
] as const;
export type SimulationProfile = (typeof simulationProfiles)[number];

/**
 * One-shot: real, capped, unprivileged processes run on the host for `seconds`, so that its collectors see a load. The
 * task id is the seed. The detail of the result is a `SimulationReport`.
 */
export const simulateSchema = z.object({
  kind: z.literal('Simulate'),
  taskId,
  deadline: at,
  profile: z.enum(simulationProfiles),
  seconds: z.int().min(10).max(3600),
  /** How many run at once. */
  processes: z.int().min(1).max(200),
});
export type Simulate = Readonly<z.output<typeof simulateSchema>>;

function isOnePerVariant(collectors: readonly { readonly variant: string }[]): boolean {
  return new Set(collectors.map(({ variant }) => variant)).size === collectors.length;
}

/** Tasks that are done once, by a deadline, and answered with a `TaskResult`. */
export const oneShotSchemas = [
  collectLogsSchema,
  restartCollectorSchema,
  preflightSchema,
  simulateSchema,
  recordMetricsSchema,
] as const;
export const oneShotTaskSchema = z.discriminatedUnion('kind', [...oneShotSchemas]);
export type OneShotTask = Readonly<z.output<typeof oneShotTaskSchema>>;
export type OneShotKind = OneShotTask['kind'];

/**
 * Takes a one-shot task back. The host answers with the task's own result: `cancelled` when it had not begun or could
 * break off, otherwise what came of it. A task that has not arrived yet is never begun.
 */
export const cancelTaskSchema = z.object({
  kind: z.literal('CancelTask'),
  taskId,
  /** The task that is taken back. */
  cancels: taskId,
});
export type CancelTask = Readonly<z.output<typeof cancelTaskSchema>>;

/**
 * The host is to get a new credential. It makes the key itself and names its public half in its reply; offered again
 * with that key signed, it tries the new credential, puts it in the place of the old one, and proves it in its reply.
 * The seed of the key and the secret of the HTTP door never leave the host.
 */
export const rotateCredentialSchema = z.object({
  kind: z.literal('RotateCredential'),
  taskId,
  /** The key that the host named, signed: a NATS user JWT. */
  signed: z.object({ publicKey: z.string(), jwt: z.string() }).optional(),
});
export type RotateCredential = Readonly<z.output<typeof rotateCredentialSchema>>;

/** What a host says of its next credential. */
export const namedCredentialSchema = z.object({
  /** NATS user key. */
  publicKey: z.string().regex(/^U[A-Z2-7]{55}$/),
  /** SHA-256 of the next secret of the HTTP door, in hexadecimal. */
  secretHash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Signature by the key over `rotationProofText`, in base64url: given once the host uses the credential. */
  proof: z
    .string()
    .regex(/^[\w-]{86}$/)
    .optional(),
});
export type NamedCredential = Readonly<z.output<typeof namedCredentialSchema>>;

/** What the new key signs to show that it is in use. */
export function rotationProofText(
  taskId: string,
  { publicKey, secretHash }: Pick<NamedCredential, 'publicKey' | 'secretHash'>,
): string {
  return ['phoenix credential in use', taskId, publicKey, secretHash].join('\n');
}

/** A one-shot task has begun, or tells how far it is. */
export const taskProgressSchema = z.object({
  kind: z.literal('task-progress'),
  at,
  taskId,
  note: z.string().max(1000),
});
export type TaskProgress = Readonly<z.output<typeof taskProgressSchema>>;

/** Longest detail of a result, in characters; a log tail keeps its end. */
export const MAX_RESULT_DETAIL = 64_000;

/** How a one-shot task ended, told exactly once per task and outbox. */
export const taskResultSchema = z.object({
  kind: z.literal('task-result'),
  at,
  taskId,
  outcome: z.enum(['done', 'failed', 'expired', 'cancelled']),
  detail: z.string().max(MAX_RESULT_DETAIL),
});
export type TaskResult = Readonly<z.output<typeof taskResultSchema>>;
