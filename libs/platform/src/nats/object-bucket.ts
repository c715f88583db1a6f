import { Objm, type ObjectInfo, type ObjectStore } from '@nats-io/obj';
import type { Nats } from './nats.js';

/** An object as it is described; `metadata` is what the writer wrote beside it. */
export interface StoredObject {
  readonly name: string;
  /** Bytes of its content. */
  readonly size: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Below the largest message of the stream, with room for headers. */
const CHUNK_BYTES = 128 * 1024;

/**
 * Objects in a bucket of JetStream that `tools/migrate` has made. A name is written once: writing it again would
 * replace it. The content is checked against its digest as it is read.
 */
export class ObjectBucket {
  private store: Promise<ObjectStore> | undefined;

  constructor(
    private readonly nats: Nats,
    private readonly bucket: string,
  ) {}

  async put(name: string, content: Uint8Array, metadata: Readonly<Record<string, string>>): Promise<void> {
    const store = await this.opened();
    await store.putBlob(
      { name, metadata: { ...metadata }, options: { max_chunk_size: CHUNK_BYTES } },
      content,
    );
  }

  /** `undefined` where there is none, or it was deleted. */
  async describe(name: string): Promise<StoredObject | undefined> {
    const info = await (await this.opened()).info(name);
    return info === null || info.deleted ? undefined : described(info);
  }

  /** The content; `undefined` where there is none. */
  async get(name: string): Promise<Uint8Array | undefined> {
    return (await (await this.opened()).getBlob(name)) ?? undefined;
  }

  /** Everything in the bucket, whoever wrote it. */
  async list(): Promise<readonly StoredObject[]> {
    const infos = await (await this.opened()).list();
    return infos.filter(({ deleted }) => !deleted).map(described);
  }

  /** Nothing happens where there is none. */
  async remove(name: string): Promise<void> {
    if ((await this.describe(name)) === undefined) return;
    await (await this.opened()).delete(name);
  }

  /** Apps verify the stream when they start, so opening asks for nothing; a failure is tried again at the next call. */
  private opened(): Promise<ObjectStore> {
    this.store ??= new Objm(this.nats.jetstream).open(this.bucket, false).catch((error: unknown) => {
      this.store = undefined;
      throw error;
    });
    return this.store;
  }
}

function described({ metadata = {}, name, size }: ObjectInfo): StoredObject {
  return { name, size, metadata };
}
