import { realpath, statfs } from 'node:fs/promises';
import { claimName, type Claim } from '#tools/embedded';

/** The house cannot start as things are; the message is one line for people, with what to do. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}

/** An empty Postgres, the streams' files and some hours of measurements. */
const NEEDED_BYTES = 256 * 2 ** 20;

/**
 * Takes the data folder for this process alone. Two houses in one folder would write to the same streams.
 * @throws CannotStart naming the process that has it
 */
export async function claimFolder(folder: string): Promise<Claim> {
  const claiming = await claimName(`house ${await realpath(folder)}`);
  if (claiming.claim !== undefined) return claiming.claim;
  const who = claiming.holder === undefined ? '' : ` (process ${claiming.holder})`;
  throw new CannotStart(
    `Phoenix already runs in ${folder}${who}: stop that one first, or set PHOENIX_DATA_DIR to another folder`,
  );
}

/** Parts that meet a full disk fail half-way and say it each in their own words. @throws CannotStart */
export async function checkRoom(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= NEEDED_BYTES) return;
  const free = Math.floor((bavail * bsize) / 2 ** 20);
  throw new CannotStart(
    `only ${free} MiB are free in ${folder}, ${NEEDED_BYTES / 2 ** 20} MiB are needed: free some, or set PHOENIX_DATA_DIR`,
  );
}
