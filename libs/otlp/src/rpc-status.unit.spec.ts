import protobuf from 'protobufjs';
import { decodeRpcMessage, encodeRpcStatus, OtlpDecodeError, type RpcStatus } from './index.js';

/** As the makers of gRPC define it. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  package google.rpc;
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Any { string type_url = 1; bytes value = 2; }
  message RetryInfo { Duration retry_delay = 1; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
`);
const status = root.lookupType('google.rpc.Status');
const retryInfo = root.lookupType('google.rpc.RetryInfo');
type Read = {
  readonly code: number;
  readonly message: string;
  readonly details: readonly { readonly typeUrl: string; readonly value: Uint8Array }[];
};
const read = (told: RpcStatus): Read => status.decode(encodeRpcStatus(told)) as unknown as Read;

describe('the status of a refused request', () => {
  it('is read by others as it was written', () => {
    const words = 'Müll: '.repeat(100);
    expect(status.toObject(status.decode(encodeRpcStatus({ code: 3, message: words })))).toEqual({
      ...{ code: 3, message: words },
    });
    expect(encodeRpcStatus({ code: 3, message: '' })).toEqual(Uint8Array.of(8, 3));
  });

  it.each([1, 200, 86_400])('tells to come again in %d seconds', (retryAfterSeconds) => {
    const { details } = read({ code: 14, message: 'later', retryAfterSeconds });
    expect(details.map(({ typeUrl }) => typeUrl)).toEqual(['type.googleapis.com/google.rpc.RetryInfo']);
    const delay = retryInfo.toObject(retryInfo.decode(details[0]!.value), { longs: Number });
    expect(delay).toEqual({ retryDelay: { seconds: retryAfterSeconds } });
  });

  it('gives back its message, with and without others around it', () => {
    expect(decodeRpcMessage(encodeRpcStatus({ code: 14, message: 'später', retryAfterSeconds: 1 }))).toBe(
      'später',
    );
    expect(decodeRpcMessage(new Uint8Array())).toBe('');
    expect(() => decodeRpcMessage(Uint8Array.of(0x12, 9, 65))).toThrow(OtlpDecodeError);
  });
});
