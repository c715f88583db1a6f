import { dirname } from 'node:path';
import type { Disk } from '../files/disk.js';

/** What happens to a write in progress: how much of it gets through, from 0 to 1. */
export type Fault = { readonly afterWrites: number; readonly share: number };

/**
 * A disk in memory that can die in the middle of a write, as a killed process or a power cut leaves it, and that
 * can be full. Content survives; `revive` gives the disk to the next process.
 */
export class MemoryDisk implements Disk {
  readonly files = new Map<string, Buffer>();
  isFull = false;
  private fault: Fault | undefined;
  private isDead = false;

  dieAfter(fault: Fault): void {
    this.fault = fault;
  }

  revive(): void {
    this.fault = undefined;
    this.isDead = false;
  }

  ensureFolder(): Promise<void> {
    return this.alive(() => undefined);
  }

  list(path: string): Promise<readonly string[]> {
    return this.alive(() =>
      [...this.files.keys()]
        .filter((name) => dirname(name) === path)
        .map((name) => name.slice(path.length + 1)),
    );
  }

  read(path: string): Promise<Buffer | undefined> {
    return this.alive(() => this.files.get(path));
  }

  readAt(path: string, position: number, length: number): Promise<Buffer> {
    return this.alive(() => this.content(path).subarray(position, position + length));
  }

  writeAt(path: string, position: number, bytes: Uint8Array): Promise<void> {
    return this.write((share) => {
      const kept = this.content(path).subarray(0, position);
      this.files.set(path, Buffer.concat([kept, bytes.subarray(0, Math.floor(bytes.length * share))]));
    });
  }

  replace(path: string, bytes: Uint8Array | string): Promise<void> {
    return this.write((share) => {
      if (share > 0.5) this.files.set(path, Buffer.from(bytes as Uint8Array));
    });
  }

  remove(path: string): Promise<void> {
    return this.write((share) => {
      if (share > 0.5) this.files.delete(path);
    });
  }

  private content(path: string): Buffer {
    return this.files.get(path) ?? Buffer.alloc(0);
  }

  private async write(change: (share: number) => void): Promise<void> {
    await this.alive(() => undefined);
    if (this.isFull) {
      change(0.5);
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    }
    if (this.fault?.afterWrites === 0) {
      this.isDead = true;
      change(this.fault.share);
      throw new Error('the process was killed');
    }
    if (this.fault !== undefined) this.fault = { ...this.fault, afterWrites: this.fault.afterWrites - 1 };
    change(1);
  }

  private async alive<T>(answer: () => T): Promise<T> {
    await Promise.resolve();
    if (this.isDead) throw new Error('the process is dead');
    return answer();
  }
}
