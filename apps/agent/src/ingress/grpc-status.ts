import type { OutgoingHttpHeaders } from 'node:http2';
import { decodeRpcMessage, encodeRpcStatus } from '#lib/otlp';
import { isAccepted, type Answer } from './pushed.js';

/** The codes of gRPC that are told here. */
export const grpcCode = {
  ...{ ok: 0, invalidArgument: 3, deadlineExceeded: 4, permissionDenied: 7, resourceExhausted: 8 },
  ...{ unimplemented: 12, internal: 13, unavailable: 14, unauthenticated: 16 },
} as const;

/** What OTLP has a client send again by HTTP, it has it send again by gRPC, and nothing else. */
const codes: Readonly<Record<number, number>> = {
  401: grpcCode.unauthenticated,
  403: grpcCode.permissionDenied,
  404: grpcCode.unimplemented,
  413: grpcCode.resourceExhausted,
  429: grpcCode.unavailable,
  502: grpcCode.unavailable,
  503: grpcCode.unavailable,
  504: grpcCode.unavailable,
};

/** Headers of an answer have to fit into one frame. */
const MAX_MESSAGE_CHARACTERS = 1000;

/** An answer over HTTP as the trailers that end a call. */
export function grpcTrailers(answer: Answer): OutgoingHttpHeaders {
  if (isAccepted(answer)) return { 'grpc-status': grpcCode.ok };
  const { headers, status } = answer;
  const code = codes[status] ?? (status < 500 ? grpcCode.invalidArgument : grpcCode.internal);
  const message = messageOf(answer).slice(0, MAX_MESSAGE_CHARACTERS);
  return trailersOf(code, message, secondsOf(headers['retry-after']));
}

/** The trailers of a refusal. @param retryAfterSeconds when to come again; a client may come sooner without it */
export function trailersOf(code: number, message: string, retryAfterSeconds?: number): OutgoingHttpHeaders {
  const details = encodeRpcStatus({ code, message, retryAfterSeconds });
  return {
    'grpc-status': code,
    // The way through a buffer takes away halves of characters, which cannot be written.
    'grpc-message': encodeURI(Buffer.from(message).toString()),
    ...(retryAfterSeconds !== undefined && {
      'grpc-status-details-bin': Buffer.from(details).toString('base64'),
    }),
  };
}

/** Collectors say why as a `google.rpc.Status`, the ingress as a line of text. */
function messageOf({ body, headers, status }: Answer): string {
  const type = headers['content-type'] ?? '';
  if (type.startsWith('text/plain')) return Buffer.from(body).toString().trim();
  try {
    if (type === 'application/x-protobuf') return decodeRpcMessage(body);
  } catch {
    // What cannot be read says nothing.
  }
  return `The collector answered ${status}.`;
}

/** A date is as good as no word: clients have a pause of their own. */
function secondsOf(retryAfter: string | undefined): number | undefined {
  return retryAfter !== undefined && /^\d{1,5}$/.test(retryAfter) ? Number(retryAfter) : undefined;
}
