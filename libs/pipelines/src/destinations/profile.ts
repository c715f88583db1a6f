import { z } from 'zod';
import { isSecretName, looksRandom } from '../secret-text.js';
import { address } from './address.js';
import { isSecretReference, secretReference, type SecretReference } from './secret.js';

const headerName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/, 'is no header name');

/** Text of a header that is no secret, such as a tenant. */
const plainHeader = /^[\x20-\x7e]{0,1000}$/;

/** A header's value: a reference, or text that may be read by everybody. */
const headers = z
  .record(headerName, z.custom<SecretReference>())
  .readonly()
  .superRefine((all, context) => {
    for (const [name, value] of Object.entries(all)) {
      const fault = headerFault(name, value);
      if (fault === undefined) continue;
      const params = fault === inClear ? { params: { rule: 'secret-in-clear' } } : {};
      context.addIssue({ code: 'custom', path: [name], message: fault, ...params });
    }
  });

const inClear = 'a secret stands here in clear';

function headerFault(name: string, value: SecretReference): string | undefined {
  if (isSecretReference(value)) return undefined;
  if (typeof value !== 'string') return 'is neither plain text nor a reference';
  if (isSecretName(name) || looksRandom(value)) return inClear;
  return plainHeader.test(value) && !/[${}]/.test(value)
    ? undefined
    : 'is neither plain text nor a reference';
}

const basic = z.strictObject({
  scheme: z.literal('basic'),
  username: z.string().regex(/^[\x21-\x7e]{1,200}$/),
  password: secretReference,
});
const bearer = z.strictObject({ scheme: z.literal('bearer'), token: secretReference });

/** How a request shows who sends it. Credentials go out as the header `authorization`. */
const authorization = z.discriminatedUnion('scheme', [basic, bearer]).readonly();

/** A proxy that stands before a vendor and is spoken to in its place; the vendor's paths are added. */
const endpoint = address.optional();

/** Any backend that speaks OTLP. It gets the temporality that the pipeline emits. */
const otlp = z.strictObject({
  kind: z.literal('otlp'),
  protocol: z.enum(['http', 'grpc']).default('http'),
  /** Base address; `/v1/metrics` is added for `http`. */
  endpoint: address,
  authorization: authorization.optional(),
  headers: headers.optional(),
  compression: z.enum(['gzip', 'none']).default('gzip'),
});

/** Prometheus, Mimir, Thanos and their like. Deltas are added up before, since the protocol knows totals only. */
const prometheusRemoteWrite = z.strictObject({
  kind: z.literal('prometheusRemoteWrite'),
  /** The whole address, such as `https://mimir.example.org/api/v1/push`. */
  endpoint: address,
  authorization: authorization.optional(),
  headers: headers.optional(),
});

/** New Relic's OTLP endpoint, as NRDOT uses it. Counters are sent as growth, which it recommends. */
const newRelic = z.strictObject({
  kind: z.literal('newRelic'),
  region: z.enum(['us', 'eu']),
  /** The license key of the account. */
  apiKey: secretReference,
  endpoint,
});

const datadogSites = [
  'datadoghq.com',
  'us3.datadoghq.com',
  'us5.datadoghq.com',
  'datadoghq.eu',
  'ap1.datadoghq.com',
  'ap2.datadoghq.com',
] as const;

/** Datadog's OTLP intake for metrics, which takes growth only and refuses totals. */
const datadog = z.strictObject({
  kind: z.literal('datadog'),
  site: z.enum(datadogSites),
  apiKey: secretReference,
  endpoint,
});

/** The OTLP gateway of a Grafana Cloud stack. Deltas are added up before: its store knows totals only. */
const grafanaCloud = z.strictObject({
  kind: z.literal('grafanaCloud'),
  /** The zone in the address of the gateway, such as `prod-eu-west-2`. */
  zone: z.string().regex(/^[a-z]+(?:-[a-z0-9]+){1,5}$/, 'is no zone, such as prod-eu-west-2'),
  /** The number of the stack. */
  instanceId: z.string().regex(/^\d{1,12}$/, 'is no instance id'),
  /** A token of an access policy with the scope `metrics:write`. */
  token: secretReference,
  endpoint,
});

/** Where a pipeline's data goes, under a reference that a specification names. It holds no secret. */
export const destinationProfileSchema = z
  .discriminatedUnion('kind', [otlp, prometheusRemoteWrite, newRelic, datadog, grafanaCloud])
  .readonly();

export type DestinationProfile = z.output<typeof destinationProfileSchema>;
export type DestinationKind = DestinationProfile['kind'];
export type Authorization = z.output<typeof authorization>;
export type Headers = z.output<typeof headers>;
