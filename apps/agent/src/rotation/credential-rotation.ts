import { credsText, makeHostKeys, reasonOf, Serial, signWith, type Clock, type Log } from '#lib/agent-core';
import {
  rotationProofText,
  type HandOverReply,
  type NamedCredential,
  type RotateCredential,
} from '#lib/agent-protocol';
import { storeCredentials } from '../enrol/identity-file.js';
import { readRotation, writeRotation, type Rotation } from './rotation-file.js';
import type { ShownCredentials } from './shown-credentials.js';

/** Both credentials of a host, as files and requests carry them. */
export type Credentials = { readonly creds: string; readonly httpCredential: string };

export type RotationOptions = {
  readonly folder: string;
  readonly tenant: string;
  readonly host: string;
  readonly shown: ShownCredentials;
  /** Resolves when a door lets in who shows these. Absent where no door would be shown them. */
  readonly tryOut: ((credentials: Credentials) => Promise<void>) | undefined;
  /** Makes the open doors show what is in force now. */
  readonly renew: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
};

type Signed = NonNullable<RotateCredential['signed']>;

const RETRY_MS = 5_000;

/**
 * Exchanges this host's credentials when it is asked to. The old ones stay until the new ones were let in; each step
 * is on the disk before the next, so that a crash leaves credentials that work, and the next start goes on.
 */
export class CredentialRotation {
  private readonly serial = new Serial();
  private wake = new AbortController();
  /** Why the new credentials are not in use yet. */
  private trouble: string | undefined;

  private constructor(
    private readonly options: RotationOptions,
    private rotation: Rotation | undefined,
  ) {}

  /** @throws Error when the file is none of ours */
  static async open(options: RotationOptions): Promise<CredentialRotation> {
    return new CredentialRotation(options, await readRotation(options.folder));
  }

  /** Why a rotation waits; undefined when none does. */
  get waitsFor(): string | undefined {
    if (this.rotation === undefined || this.rotation.stage === 'in-use') return undefined;
    return this.rotation.stage === 'named' ? 'the gateway has not signed the key yet' : this.trouble;
  }

  /** Says which key is to be signed, takes it once it is, and proves it once it is in use. */
  async answer(task: RotateCredential): Promise<HandOverReply> {
    const { taskId } = task;
    if (this.options.tryOut === undefined) {
      const reason = 'this agent shows its leaf a password, and no other door its credential';
      return { taskId, status: 'rejected', reason };
    }
    try {
      const rotation = await this.serial.run(() => this.advance(task));
      return { taskId, status: 'accepted', credential: nameOf(rotation) };
    } catch (error) {
      return { taskId, status: 'rejected', reason: reasonOf(error).slice(0, 1000) };
    }
  }

  /** Puts signed keys to use until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.options;
    while (!signal.aborted) {
      const { rotation, wake } = this;
      if (rotation?.stage !== 'signed') {
        await clock.sleep(RETRY_MS, AbortSignal.any([signal, wake.signal])).catch(() => undefined);
        continue;
      }
      try {
        await this.serial.run(() => this.adopt());
      } catch (error) {
        this.trouble = reasonOf(error);
        log.warn({ reason: this.trouble }, 'new credential does not work yet, the old one stays');
        await clock.sleep(RETRY_MS, signal).catch(() => undefined);
      }
    }
  }

  private async advance({ signed, taskId }: RotateCredential): Promise<Rotation> {
    const { host, log, tenant } = this.options;
    const known = this.rotation?.taskId === taskId ? this.rotation : undefined;
    if (known === undefined) {
      log.info({ taskId }, 'a new credential is asked for');
      return this.write({ stage: 'named', taskId, keys: makeHostKeys(tenant, host) });
    }
    if (signed === undefined || !this.canUse(known, signed)) return known;
    const { keys } = known;
    const rotation = await this.write({ stage: 'signed', taskId, keys, jwt: signed.jwt });
    this.wake.abort();
    this.wake = new AbortController();
    return rotation;
  }

  /** A key is taken as it was signed first, unless no server lets that in: then whoever signed has to do it again. */
  private canUse(known: Rotation, signed: Signed): known is Exclude<Rotation, { stage: 'in-use' }> {
    if (known.stage === 'in-use' || signed.publicKey !== known.keys.publicKey) return false;
    return known.stage === 'named' || (this.trouble !== undefined && signed.jwt !== known.jwt);
  }

  private async adopt(): Promise<void> {
    if (this.rotation?.stage !== 'signed') return;
    const { jwt, keys, taskId } = this.rotation;
    const { folder, log, renew, shown, tryOut } = this.options;
    const { httpCredential, publicKey, secretHash, seed } = keys;
    const credentials = { creds: credsText(jwt, seed), httpCredential };
    await tryOut?.(credentials);
    await storeCredentials(folder, credentials);
    shown.replace(credentials);
    // From here on nothing is said by the old one: only so does the proof mean what it says.
    await renew();
    const proof = signWith(seed, rotationProofText(taskId, keys));
    await this.write({ stage: 'in-use', taskId, publicKey, secretHash, proof });
    this.trouble = undefined;
    log.info({ taskId }, 'new credential is in use');
  }

  private async write(rotation: Rotation): Promise<Rotation> {
    await writeRotation(this.options.folder, rotation);
    this.rotation = rotation;
    return rotation;
  }
}

function nameOf(rotation: Rotation): NamedCredential {
  if (rotation.stage === 'in-use') {
    const { proof, publicKey, secretHash } = rotation;
    return { publicKey, secretHash, proof };
  }
  const { publicKey, secretHash } = rotation.keys;
  return { publicKey, secretHash };
}
