import { z } from 'zod';
import { boundedCount, boundedName, boundedWhole, hostTime, MAX_COLLECTORS } from './bounds.js';
import { ingressPortSchema, MAX_INGRESS_PORTS } from './ingress.js';
import { collectorLimitsSchema } from './limits.js';
import {
  cancelTaskSchema,
  namedCredentialSchema,
  oneShotSchemas,
  rotateCredentialSchema,
  taskIdSchema as taskId,
  taskProgressSchema,
  taskResultSchema,
} from './tasks.js';
import { recordingPartSchema } from './recording-parts.js';
import { collectorVariantSchema as variant } from './variant.js';

/** Version of the protocol between gateway and agent; a gateway accepts this and the one before. */
export const AGENT_PROTOCOL_VERSION = 1;

const at = hostTime;

const componentVersions = z.record(boundedName, boundedName.nullable()).default({});

/**
 * What a collector says that it offers: of each component its name and the version of its module, null where that is
 * none of upstream's. A collector that does not tell its providers leaves them out.
 */
export const collectorOfferSchema = z.object({
  receivers: componentVersions,
  processors: componentVersions,
  exporters: componentVersions,
  connectors: componentVersions,
  extensions: componentVersions,
  /** Schemes that `${scheme:…}` may name. */
  providers: z.array(boundedName).optional(),
});
export type CollectorOffer = Readonly<z.output<typeof collectorOfferSchema>>;

/** What a host is made of. */
export const inventorySchema = z.object({
  os: z.string(),
  kernel: z.string(),
  arch: z.string(),
  cpus: z.int().positive(),
  memoryBytes: z.int().positive(),
  /** Name and version of the collector that the agent would run; kind `builtin` is the fallback scraper. */
  collector: z.object({
    kind: z.enum(['otelcol', 'builtin']),
    version: z.string(),
    /** Absent where the collector does not tell. */
    offers: collectorOfferSchema.optional(),
  }),
});
export type Inventory = Readonly<z.output<typeof inventorySchema>>;

const hasNoNul = (text: string): boolean => !text.includes('\0');
/** The contrib distribution has some 250 components, which take 7,000 characters. */
const MAX_INVENTORY_CHARS = 16_000;
const isStorable = (value: object): boolean => {
  const text = JSON.stringify(value);
  return text.length <= MAX_INVENTORY_CHARS && !/\\u(0000|d[89a-f])/.test(text);
};

/** What a host tells of itself must fit its column; the schema above also reads old events and has no bounds. */
const storableInventory = inventorySchema.refine(
  isStorable,
  `use at most ${MAX_INVENTORY_CHARS} characters, without NUL`,
);

/** HTTP body of `POST /api/v1/agent/enrol`. */
export const enrolRequestSchema = z.object({
  protocol: z.int(),
  token: z.string().min(10).max(200),
  hostname: z.string().min(1).max(253).refine(hasNoNul, 'use text without NUL'),
  agentVersion: boundedName,
  inventory: storableInventory,
});
export type EnrolRequest = Readonly<z.output<typeof enrolRequestSchema>>;

/**
 * Answer to an enrolment. `creds` is a NATS credentials file, `httpCredential` the bearer credential of the HTTP door;
 * both are shown once and stored nowhere else.
 */
export const enrolResponseSchema = z.object({
  host: z.string(),
  tenant: z.string(),
  creds: z.string(),
  /** Left out by gateways without an HTTP door. */
  httpCredential: z.string().optional(),
  leafUrl: z.string(),
});
export type EnrolResponse = Readonly<z.output<typeof enrolResponseSchema>>;

/** State of one collector process as the agent sees it. */
export const collectorStatusSchema = z.object({
  instance: boundedName,
  variant,
  configHash: boundedName,
  pid: boundedWhole,
  state: z.enum(['starting', 'running', 'draining', 'failed']),
});
export type CollectorStatus = Readonly<z.output<typeof collectorStatusSchema>>;

/** `hello.<tenant>.<host>`: sent on every (re)connect. `epoch` names the outbox, which is new when the disk was wiped. */
export const helloSchema = z.object({
  protocol: boundedCount,
  host: boundedName,
  bootId: boundedName,
  epoch: boundedName,
  agentVersion: boundedName,
  at,
  /** Highest generation that the agent has accepted; 0 when none. */
  generation: boundedCount,
  /** What the host is made of now. Agents before this field send none; one that cannot be kept is as good as none. */
  inventory: storableInventory.optional().catch(undefined),
});
export type Hello = Readonly<z.output<typeof helloSchema>>;

/** By which way an agent talks to the hub: through its leaf, directly over NATS, or by HTTP. */
export const doors = ['leaf', 'nats', 'long-poll'] as const;
export type Door = (typeof doors)[number];

/** The link as the agent sees it. `server` and `rttMs` are those of the server it talks to itself: its leaf or the hub. */
export const linkVitalsSchema = z.object({
  door: z.enum(doors),
  server: boundedName.optional(),
  rttMs: z.number().nonnegative().max(86_400_000).optional(),
});
export type LinkVitals = Readonly<z.output<typeof linkVitalsSchema>>;

/** `hb.<tenant>.<host>`: a sign of life with the agent's own cost. `at` is the agent's clock when it was sent. */
export const heartbeatSchema = z.object({
  host: boundedName,
  bootId: boundedName,
  agentVersion: boundedName,
  at,
  generation: boundedCount,
  agent: z.object({ cpuPercent: z.number(), rssBytes: boundedWhole }),
  outbox: z.object({
    results: boundedCount,
    metrics: boundedCount,
    /** Metrics messages that gave way to newer ones since the agent started, its disk budget being full. */
    dropped: boundedWhole.optional(),
    /** Why the disk takes no more. */
    failure: z.string().max(500).optional(),
  }),
  collectors: z.array(collectorStatusSchema).max(MAX_COLLECTORS),
  /** Agents before this field send none. */
  link: linkVitalsSchema.optional().catch(undefined),
  /** Empty where no pipeline takes pushed data. Agents before this field send none. */
  ingress: z.array(ingressPortSchema).max(MAX_INGRESS_PORTS).optional().catch(undefined),
});
export type Heartbeat = Readonly<z.output<typeof heartbeatSchema>>;

/**
 * One collector that a host is to run. `rendered` is what `libs/pipelines` made for this host (its hash covers it);
 * meter, ports and tokens are the agent's to add. `role` says where the points go: `live` exports to the customer's
 * backend, `shadow` runs the same exporter into a local sink, so nothing is paid twice.
 */
export const collectorOrderSchema = z.object({
  variant,
  role: z.enum(['live', 'shadow']),
  configHash: z.string(),
  rendered: z.unknown(),
  /** Left out by gateways that know none: the defaults hold. */
  limits: collectorLimitsSchema.optional(),
});
export type CollectorOrder = Readonly<z.output<typeof collectorOrderSchema>>;

/**
 * Desired state of a host: run exactly these collectors. Generations only grow; a lower one is superseded.
 * `experimentId` marks the windows that the agent meters. `drain`: false stops the old collectors at once.
 */
export const applyCollectorsSchema = z.object({
  kind: z.literal('ApplyCollectors'),
  taskId: z.string(),
  generation: z.int().positive(),
  experimentId: z.string().nullable(),
  drain: z.boolean(),
  criticalProcesses: z.array(z.string()),
  collectors: z.array(collectorOrderSchema),
});
export type ApplyCollectors = Readonly<z.output<typeof applyCollectorsSchema>>;

/** `down.<tenant>.<host>.task`. */
export const downTaskSchema = z.discriminatedUnion('kind', [
  applyCollectorsSchema,
  ...oneShotSchemas,
  cancelTaskSchema,
  rotateCredentialSchema,
]);
export type DownTask = Readonly<z.output<typeof downTaskSchema>>;

/**
 * What a hand-over has beside the task: the session of the gateway that offers it, which is higher with each gateway
 * that takes the host over. An agent takes nothing from an older one than it has seen. Gateways before this field
 * send none.
 */
export const handOverSessionSchema = z.object({ session: z.int().positive().optional() });

/**
 * `rep.<tenant>.<host>.<taskId>`: given only after the task is on the agent's disk. `fenced`: the gateway has lost the
 * host to another, which will offer what there is; nothing was taken.
 */
export const handOverReplySchema = z.object({
  taskId,
  status: z.enum(['accepted', 'duplicate', 'superseded', 'rejected', 'fenced']),
  reason: z.string().max(1000).optional(),
  /** In reply to `RotateCredential`. */
  credential: namedCredentialSchema.optional(),
});
export type HandOverReply = Readonly<z.output<typeof handOverReplySchema>>;

/**
 * Stages of an order on a host. `offered` is written by the gateway, as is `failed` of an order that the host rejected at
 * the door; the others by the agent. Never collapsed.
 */
export const attemptStages = [
  'offered',
  'received',
  'validated',
  'applying',
  'effective',
  'failed',
  'fell-back',
] as const;
export const attemptSchema = z.object({
  kind: z.literal('attempt'),
  at,
  generation: boundedCount,
  taskId,
  stage: z.enum(attemptStages),
  reason: z.string().max(1000).optional(),
  /** When the agent noticed what made it fail or fall back; `at` is when that was in force. */
  detectedAt: at.optional(),
  /** What runs after this stage. */
  collectors: z.array(z.object({ variant, configHash: boundedName })).max(MAX_COLLECTORS),
});
export type Attempt = Readonly<z.output<typeof attemptSchema>>;

/** The metrics lane dropped messages `fromN..toN` because its disk budget was full. */
export const outboxGapSchema = z.object({
  kind: z.literal('outbox-gap'),
  at,
  fromN: boundedWhole,
  toN: boundedWhole,
});
export type OutboxGap = Readonly<z.output<typeof outboxGapSchema>>;

/** `up.<tenant>.<host>.<kind>`. Epoch and number travel in headers. */
export const uplinkMessageSchema = z.discriminatedUnion('kind', [
  attemptSchema,
  taskProgressSchema,
  taskResultSchema,
  outboxGapSchema,
  recordingPartSchema,
]);
export type UplinkMessage = Readonly<z.output<typeof uplinkMessageSchema>>;
