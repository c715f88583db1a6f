import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What outbox and journal ask of a disk. Every write is on the platter when its promise resolves. */
export interface Disk {
  ensureFolder(path: string): Promise<void>;
  list(path: string): Promise<readonly string[]>;
  /** The whole file; undefined where there is none. */
  read(path: string): Promise<Buffer | undefined>;
  /** At most `length` bytes from `position`; fewer at the end of the file. */
  readAt(path: string, position: number, length: number): Promise<Buffer>;
  /** Writes at `position` and cuts off whatever stood behind: the remains of a write that failed. */
  writeAt(path: string, position: number, bytes: Uint8Array): Promise<void>;
  /** Puts new content in the place of the old: a reader sees one or the other, never a part. */
  replace(path: string, bytes: Uint8Array | string): Promise<void>;
  /** Removes a file; none is fine. */
  remove(path: string): Promise<void>;
}

/** The machine's disk. Files are readable by their owner only: they hold tokens and credentials. */
export const nodeDisk: Disk = {
  ensureFolder: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  list: (path) => readdir(path),
  read: async (path) => {
    try {
      return await readFile(path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
  readAt: async (path, position, length) => {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  },
  writeAt: async (path, position, bytes) => {
    const { file, isNew } = await openForWriting(path);
    try {
      if ((await file.stat()).size > position) await file.truncate(position);
      for (let done = 0; done < bytes.length;) {
        done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
      }
      await file.datasync();
    } finally {
      await file.close();
    }
    if (isNew) await syncFolder(dirname(path));
  },
  replace: async (path, bytes) => {
    const draft = `${path}.draft`;
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    await syncFolder(dirname(path));
  },
  remove: (path) => rm(path, { force: true }),
};

async function openForWriting(path: string) {
  try {
    return { file: await open(path, 'r+'), isNew: false };
  } catch (error) {
    if (!isMissing(error)) throw error;
    return { file: await open(path, 'w', 0o600), isNew: true };
  }
}

/** A new name is durable only after its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
