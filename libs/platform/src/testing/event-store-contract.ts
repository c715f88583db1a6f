import {
  decodeCommit,
  NO_POSITION,
  position,
  type AggregateRef,
  type StoredCommit,
  type TenantId,
} from '#lib/events';
import type { EventStore, RawCommit, StoreError } from '../event-store/event-store.js';
import { pipelineRef, versionCommit } from './pipeline-commits.js';

/** Takes the first `count` commits after a position and ends the reading. */
export async function take(store: EventStore, after: number, count: number): Promise<readonly RawCommit[]> {
  const taken: RawCommit[] = [];
  const stop = new AbortController();
  for await (const commit of store.read({ after: position(after), signal: stop.signal })) {
    taken.push(commit);
    if (taken.length === count) break;
  }
  stop.abort();
  return taken;
}

/** What every event store must do. The store may be shared by all cases and may hold other commits. */
export function eventStoreContract(storeOf: () => EventStore): void {
  let store: EventStore;
  let count = 0;
  const fresh = (): AggregateRef<'pipeline'> => pipelineRef(`contract-${++count}`);
  const commandIds = (commits: readonly StoredCommit[]): readonly string[] =>
    commits.map(({ commandId }) => commandId);

  beforeEach(() => {
    store = storeOf();
  });

  describe('an event store', () => {
    it('gives back what was appended, with its position', async () => {
      const ref = fresh();
      const commit = versionCommit(ref, `${ref.id}-c1`);
      const { position: at, duplicate } = await store.append(commit, NO_POSITION);
      expect(duplicate).toBe(false);
      expect(await store.load(ref)).toEqual([{ ...commit, position: at }]);
      expect(await store.lastPosition(ref)).toBe(at);
    });

    it('knows nothing of an aggregate without commits', async () => {
      const ref = fresh();
      expect(await store.load(ref)).toEqual([]);
      expect(await store.lastPosition(ref)).toBe(NO_POSITION);
    });

    it('loads only what came after a position', async () => {
      const ref = fresh();
      const first = await store.append(versionCommit(ref, `${ref.id}-c1`), NO_POSITION);
      await store.append(versionCommit(ref, `${ref.id}-c2`), first.position);
      expect(commandIds(await store.load(ref, first.position))).toEqual([`${ref.id}-c2`]);
    });

    it('refuses a commit that expects another last position, and stores nothing', async () => {
      const ref = fresh();
      const { position: at } = await store.append(versionCommit(ref, `${ref.id}-c1`), NO_POSITION);
      const stale = store.append(versionCommit(ref, `${ref.id}-c2`), NO_POSITION);
      await expect(stale).rejects.toMatchObject({ code: 'conflict' } satisfies Partial<StoreError>);
      expect(await store.lastPosition(ref)).toBe(at);
    });

    it('lets one of many appends at the same position through', async () => {
      const ref = fresh();
      const appends = Array.from({ length: 10 }, (_, n) =>
        store.append(versionCommit(ref, `${ref.id}-c${n}`), NO_POSITION),
      );
      const results = await Promise.allSettled(appends);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await store.load(ref)).toHaveLength(1);
    });

    it('refuses a commit that rests on all aggregates of a kind when another of them has changed', async () => {
      const [one, other] = [fresh(), fresh()];
      const asOf = await store.lastPositionOfKind(one);
      const { position: moved } = await store.append(versionCommit(other, `${other.id}-c1`), NO_POSITION);
      const commit = versionCommit(one, `${one.id}-c1`);
      await expect(store.append(commit, NO_POSITION, asOf)).rejects.toMatchObject({ code: 'conflict' });
      expect(await store.load(one)).toEqual([]);
      const elsewhere = { ...fresh(), tenant: 'elsewhere' as TenantId };
      await store.append(versionCommit(elsewhere, `${elsewhere.id}-c1`), NO_POSITION);
      const { position: at } = await store.append(commit, NO_POSITION, moved);
      expect(await store.lastPositionOfKind(one)).toBe(at);
      expect(await store.append(commit, NO_POSITION, moved)).toEqual({ position: at, duplicate: true });
    });

    it('compares the aggregate itself too when a commit rests on all of its kind', async () => {
      const ref = fresh();
      const { position: at } = await store.append(versionCommit(ref, `${ref.id}-c1`), NO_POSITION);
      const stale = store.append(versionCommit(ref, `${ref.id}-c2`), NO_POSITION, at);
      await expect(stale).rejects.toMatchObject({ code: 'conflict' });
      expect(await store.load(ref)).toHaveLength(1);
    });

    it('lets one of many appends to different aggregates through that rest on the same look at all', async () => {
      const refs = Array.from({ length: 10 }, fresh);
      const asOf = await store.lastPositionOfKind(refs[0]!);
      const results = await Promise.allSettled(
        refs.map((ref) => store.append(versionCommit(ref, `${ref.id}-c1`), NO_POSITION, asOf)),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('loads the commits of a kind after a position, in order, and none of another tenant', async () => {
      const [one, other] = [fresh(), fresh()];
      const before = await store.lastPositionOfKind(one);
      const strange = { ...fresh(), tenant: 'elsewhere' as TenantId };
      await store.append(versionCommit(strange, `${strange.id}-c1`), NO_POSITION);
      const first = await store.append(versionCommit(one, `${one.id}-c1`), NO_POSITION);
      const second = await store.append(versionCommit(other, `${other.id}-c1`), NO_POSITION);
      const loaded = await store.loadKind(one, before);
      expect(loaded.map((commit) => commit.position)).toEqual([first.position, second.position]);
      expect(await store.loadKind(one, second.position)).toEqual([]);
      expect(await store.lastPositionOfKind({ tenant: 'nobody' as TenantId, aggregate: 'pipeline' })).toBe(0);
    });

    it('answers the same commit appended again as a duplicate, at the first position, even after others', async () => {
      const ref = fresh();
      const commit = versionCommit(ref, `${ref.id}-c1`);
      const first = await store.append(commit, NO_POSITION);
      await store.append(versionCommit(ref, `${ref.id}-c2`), first.position);
      expect(await store.append(commit, NO_POSITION)).toEqual({ position: first.position, duplicate: true });
      expect(await store.load(ref)).toHaveLength(2);
    });

    it('stores commits of one command id on two aggregates, and then knows both', async () => {
      const [one, other] = [fresh(), fresh()];
      const command = `${one.id}-shared`;
      const first = await store.append(versionCommit(one, command), NO_POSITION);
      const second = await store.append(versionCommit(other, command), NO_POSITION);
      expect(second.duplicate).toBe(false);
      expect(second.position).not.toBe(first.position);
      const again = await store.append(versionCommit(other, command), NO_POSITION);
      expect(again).toEqual({ position: second.position, duplicate: true });
      expect(commandIds(await store.load(other))).toEqual([command]);
    });

    it('refuses a commit that is too large, and stores nothing', async () => {
      const ref = fresh();
      const commit = versionCommit(ref, `${ref.id}-c1`);
      const huge = { ...commit, causation: 'x'.repeat(600_000) };
      await expect(store.append(huge, NO_POSITION)).rejects.toMatchObject({ code: 'too-large' });
      expect(await store.lastPosition(ref)).toBe(NO_POSITION);
    });

    it('keeps texts of every script as they are', async () => {
      const ref = fresh();
      const commit = {
        ...versionCommit(ref, `${ref.id}-c1`),
        actor: { kind: 'user', id: 'Zoë 火の鳥 🐦‍🔥' },
      } as const;
      await store.append(commit, NO_POSITION);
      expect((await store.load(ref))[0]?.actor.id).toBe('Zoë 火の鳥 🐦‍🔥');
    });

    it('loads a history longer than one page', async () => {
      const ref = fresh();
      let at = NO_POSITION;
      for (let n = 0; n < 600; n += 1)
        at = (await store.append(versionCommit(ref, `${ref.id}-c${n}`, n + 1), at)).position;
      const loaded = await store.load(ref);
      expect(loaded).toHaveLength(600);
      expect(loaded.at(-1)?.position).toBe(at);
    });

    it('reads all commits in order from a position, and then the new ones', async () => {
      const ref = fresh();
      const before = await store.head();
      const first = await store.append(versionCommit(ref, `${ref.id}-c1`), NO_POSITION);
      const reading = take(store, before, 2);
      const second = await store.append(versionCommit(ref, `${ref.id}-c2`), first.position);
      const commits = await reading;
      expect(commits.map((commit) => commit.position)).toEqual([first.position, second.position]);
      expect(commits.map(({ bytes, position: at }) => decodeCommit(bytes, at).commandId)).toEqual([
        `${ref.id}-c1`,
        `${ref.id}-c2`,
      ]);
      expect(await store.head()).toBe(second.position);
    });

    it('ends a reading that waits when its signal aborts', async () => {
      const stop = new AbortController();
      const after = await store.head();
      const reading = (async () => {
        const seen: RawCommit[] = [];
        for await (const commit of store.read({ after, signal: stop.signal })) seen.push(commit);
        return seen;
      })();
      stop.abort();
      expect(await reading).toEqual([]);
    });
  });
}
