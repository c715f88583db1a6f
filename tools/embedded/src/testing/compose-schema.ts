import { z } from 'zod';

/**
 * The part of the compose specification that docker-compose.yml uses, every object closed: a misspelt key, which an
 * engine would refuse, fails here. Keys and shapes are those of the specification's own JSON schema.
 */
const texts = z.array(z.string()).readonly();
const duration = z.string().regex(/^\d+(ms|s|m|h)$/);

const service = z
  .strictObject({
    image: z.string(),
    build: z.strictObject({ context: z.string(), dockerfile: z.string(), target: z.string() }).optional(),
    command: texts.optional(),
    restart: z.enum(['no', 'unless-stopped']),
    init: z.boolean().optional(),
    read_only: z.boolean().optional(),
    cap_drop: texts.optional(),
    cap_add: texts.optional(),
    security_opt: texts.optional(),
    network_mode: z.literal('none').optional(),
    hostname: z.string().optional(),
    pid: z.literal('host').optional(),
    user: z.string().optional(),
    tmpfs: texts.optional(),
    ports: z
      .array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/))
      .readonly()
      .optional(),
    environment: z.record(z.string(), z.string()).readonly().optional(),
    secrets: texts.optional(),
    depends_on: z
      .record(
        z.string(),
        z.strictObject({ condition: z.enum(['service_healthy', 'service_completed_successfully']) }),
      )
      .readonly()
      .optional(),
    volumes: z
      .array(
        z.union([
          z.string(),
          z.strictObject({
            type: z.literal('volume'),
            source: z.string(),
            target: z.string(),
            read_only: z.literal(true),
            volume: z.strictObject({ subpath: z.string() }),
          }),
        ]),
      )
      .readonly()
      .optional(),
    healthcheck: z
      .strictObject({
        test: texts,
        interval: duration,
        timeout: duration,
        retries: z.int().positive(),
        start_period: duration,
      })
      .optional(),
  })
  .readonly();

const file = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), service).readonly(),
  secrets: z.record(z.string(), z.strictObject({ environment: z.string() })).readonly(),
  volumes: z.record(z.string(), z.null()).readonly(),
});

/** Keys that begin with `x-` are the author's own. */
export const composeSchema = z
  .record(z.string(), z.unknown())
  .transform((keys) => Object.fromEntries(Object.entries(keys).filter(([key]) => !key.startsWith('x-'))))
  .pipe(file);

export type ComposeService = z.infer<typeof service>;
