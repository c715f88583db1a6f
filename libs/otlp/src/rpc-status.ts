import { lengthTag, varintTag, WireReader } from './wire-reader.js';
import { WireWriter } from './wire-writer.js';

/** Why a request was refused, as `google.rpc.Status` says it in answers of OTLP. */
export type RpcStatus = {
  /** A code of gRPC. */
  readonly code: number;
  readonly message: string;
  /** When to come again, as a detail of type `google.rpc.RetryInfo`; whole seconds. */
  readonly retryAfterSeconds?: number | undefined;
};

const STATUS = { code: varintTag(1), message: lengthTag(2), details: lengthTag(3) };
const ANY = { typeUrl: lengthTag(1), value: lengthTag(2) };
const RETRY_INFO = { retryDelay: lengthTag(1) };
const DURATION = { seconds: varintTag(1) };

/** Encodes a `google.rpc.Status`. */
export function encodeRpcStatus({ code, message, retryAfterSeconds }: RpcStatus): Uint8Array {
  const writer = new WireWriter().varint(STATUS.code).varint(code).text(STATUS.message, message);
  if (retryAfterSeconds === undefined) return writer.finish();
  const duration = (): unknown => writer.varint(DURATION.seconds).varint(retryAfterSeconds);
  const retryInfo = (): unknown => writer.message(RETRY_INFO.retryDelay, duration);
  const any = (): unknown =>
    writer.text(ANY.typeUrl, 'type.googleapis.com/google.rpc.RetryInfo').message(ANY.value, retryInfo);
  return writer.message(STATUS.details, any).finish();
}

/** The message of a `google.rpc.Status`; empty where there is none. @throws OtlpDecodeError */
export function decodeRpcMessage(bytes: Uint8Array): string {
  const reader = new WireReader();
  reader.reset(bytes);
  let message = '';
  while (reader.position < bytes.length) {
    const tag = reader.tag();
    if (tag === STATUS.message) message = reader.text(reader.enter(bytes.length));
    else reader.skip(tag, bytes.length);
  }
  return message;
}
