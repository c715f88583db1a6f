import fc from 'fast-check';
import { sentence, type Answer, type Pushed } from './pushed.js';
import type { Route } from './route.js';
import { Tee } from './tee.js';

const PORT = 4318;
const OK: Answer = sentence(200, '');
const never = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function pushedAs(number: number, bytes = 1): Pushed {
  return { headers: { 'x-number': String(number) }, body: [], bytes };
}

function routeTo(receiverPort: number, kind: 'live' | 'shadow', variant = 'candidate'): Route {
  const isLive = kind === 'live';
  const place = isLive ? `${PORT} live` : `${PORT} shadow ${variant}`;
  return { instance: `i${receiverPort}`, port: PORT, receiverPort, isLive, place };
}

/** Receivers that answer when they are told to. */
class Receivers {
  /** Requests that each receiver got, in order. */
  readonly got = new Map<number, number[]>();
  readonly open: { readonly receiver: number; readonly answer: (answer: Answer | Error) => void }[] = [];

  readonly send = (receiver: number, { headers }: Pushed): Promise<Answer> => {
    this.got.set(receiver, [...(this.got.get(receiver) ?? []), Number(headers['x-number'])]);
    return new Promise((resolve, reject) => {
      const answer = (given: Answer | Error): void =>
        given instanceof Error ? reject(given) : resolve(given);
      this.open.push({ receiver, answer });
    });
  };

  of(receiver: number): readonly number[] {
    return this.got.get(receiver) ?? [];
  }

  answerAll(answer: Answer | Error = OK): void {
    for (const one of this.open.splice(0)) one.answer(answer);
  }
}

function teeOf(bounds = { requests: 3, bytes: 100 }) {
  const receivers = new Receivers();
  const shadows = new Receivers();
  const drops: string[] = [];
  const tee = new Tee({
    ...{ sendLive: receivers.send, sendShadow: shadows.send, bounds },
    onDrop: ({ instance }, reason) => drops.push(`${instance}: ${reason}`),
  });
  return { tee, receivers, shadows, drops };
}

type Step =
  | { readonly do: 'request' }
  | { readonly do: 'join-live' }
  | { readonly do: 'leave' | 'answer' | 'break'; readonly which: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Step>({ do: 'request' }) },
    { weight: 1, arbitrary: fc.constant<Step>({ do: 'join-live' }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom<'leave' | 'answer' | 'break'>('leave', 'answer', 'break'),
        which: fc.nat(5),
      }),
    },
  ),
  { maxLength: 60 },
);

describe('the live collector of a port', () => {
  it('is one at each moment, gets each request once, and has answered all of its own when it has left', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { tee, receivers } = teeOf();
        let instances = 0;
        let requests = 0;
        /** Who is there, oldest first; the model that the tee must agree with. */
        const present: number[] = [];
        const expected = new Map<number, number>();
        const underWay = new Map<number, number>();
        const answers: Promise<Answer>[] = [];
        /** What each one still had to answer when it was told to have left. */
        const leftWith: Promise<number>[] = [];
        const end = (index: number, answer: Answer | Error): void => {
          const [one] = receivers.open.splice(index, 1);
          if (one === undefined) return;
          underWay.set(one.receiver, (underWay.get(one.receiver) ?? 0) - 1);
          one.answer(answer);
        };
        for (const step of all) {
          if (step.do === 'join-live') {
            present.push(++instances);
            tee.join(routeTo(instances, 'live'));
          } else if (step.do === 'request') {
            const number = ++requests;
            const live = present.at(-1);
            if (live !== undefined) {
              expected.set(number, live);
              underWay.set(live, (underWay.get(live) ?? 0) + 1);
            }
            answers.push(tee.handle(PORT, pushedAs(number)));
          } else if (step.do === 'leave') {
            const [gone] = present.splice(step.which % Math.max(present.length, 1), 1);
            if (gone === undefined) continue;
            leftWith.push(tee.leave(`i${gone}`, never).then(() => underWay.get(gone) ?? 0));
          } else end(step.which, step.do === 'answer' ? OK : new Error('reset'));
          await turn();
        }
        const got = [...receivers.got].flatMap(([receiver, numbers]) =>
          numbers.map((number) => [number, receiver] as const),
        );
        expect(got.sort(([a], [b]) => a - b)).toEqual([...expected]);
        while (receivers.open.length > 0) end(0, OK);
        const statuses = (await Promise.all(answers)).map(({ status }) => status);
        expect(statuses.every((status) => status === 200 || status === 503)).toBe(true);
        expect((await Promise.all(leftWith)).filter((open) => open > 0)).toEqual([]);
        const { forwarded, unavailable } = tee.countsOf(PORT);
        expect(forwarded).toBe(expected.size);
        expect(unavailable).toBe(statuses.filter((status) => status === 503).length);
      }),
      { numRuns: 300 },
    );
  });

  it('is the old one again when the new one goes first', async () => {
    const { tee, receivers } = teeOf();
    tee.join(routeTo(1, 'live'));
    tee.join(routeTo(2, 'live'));
    void tee.handle(PORT, pushedAs(1));
    const left = tee.leave('i2', never);
    void tee.handle(PORT, pushedAs(2));
    expect([receivers.of(1), receivers.of(2)]).toEqual([[2], [1]]);
    receivers.answerAll();
    await left;
  });

  it('is not waited for beyond the budget when it leaves', async () => {
    const { tee } = teeOf();
    tee.join(routeTo(1, 'live'));
    void tee.handle(PORT, pushedAs(1));
    await tee.leave('i1', AbortSignal.timeout(10));
    expect(tee.isServed(PORT)).toBe(false);
  });

  it('serves its own port only', async () => {
    const { tee, receivers } = teeOf();
    tee.join(routeTo(1, 'live'));
    const answer = await tee.handle(PORT + 1, pushedAs(1));
    expect([answer.status, answer.headers['retry-after'], receivers.of(1)]).toEqual([503, '1', []]);
  });
});

describe('the shadows of a port', () => {
  const answered = async (work: Promise<Answer>, receivers: Receivers, answer: Answer = OK) => {
    receivers.answerAll(answer);
    await work;
  };

  it('get what the live collector took, in order, and nothing else', async () => {
    const { tee, receivers, shadows } = teeOf();
    tee.join(routeTo(1, 'live'));
    tee.join(routeTo(2, 'shadow'));
    await answered(tee.handle(PORT, pushedAs(1)), receivers);
    await answered(tee.handle(PORT, pushedAs(2)), receivers, sentence(400, 'no'));
    await answered(tee.handle(PORT, pushedAs(3)), receivers, sentence(429, 'later'));
    await answered(tee.handle(PORT, pushedAs(4)), receivers);
    expect(shadows.of(2)).toEqual([1]);
    shadows.answerAll();
    await turn();
    expect(shadows.of(2)).toEqual([1, 4]);
    expect(tee.countsOf(PORT)).toEqual({ forwarded: 4, accepted: 2, unavailable: 0, copies: 2, dropped: 0 });
  });

  it('stand in for one another where they are of one variant, and not where one is a trial', async () => {
    const { tee, receivers, shadows } = teeOf();
    tee.join(routeTo(1, 'live'));
    tee.join(routeTo(2, 'shadow'));
    tee.join(routeTo(3, 'shadow'));
    tee.join({ ...routeTo(4, 'shadow'), place: 'trial' });
    await answered(tee.handle(PORT, pushedAs(1)), receivers);
    expect([2, 3, 4].map((receiver) => shadows.of(receiver))).toEqual([[], [1], [1]]);
  });

  it('cost copies and never an answer, however they behave; bounds hold and every copy is accounted for', async () => {
    const request = fc.record({
      // Sums come to lie on the bound as well.
      bytes: fc.nat(4).map((tens) => tens * 10),
      shadow: fc.constantFrom('stands', 'ok', 'no', 'dead'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 40 }), async (all) => {
        const bounds = { requests: 3, bytes: 100 };
        const { tee, receivers, shadows, drops } = teeOf(bounds);
        let missed = 0;
        tee.join(routeTo(1, 'live'));
        tee.join(routeTo(2, 'shadow'), () => (missed += 1));
        let waiting: number[] = [];
        let taken = 0;
        let lost = 0;
        for (const [number, { bytes, shadow }] of all.entries()) {
          const work = tee.handle(PORT, pushedAs(number, bytes));
          receivers.answerAll();
          expect((await work).status).toBe(200);
          const isFull =
            waiting.length >= bounds.requests ||
            waiting.reduce((sum, one) => sum + one, bytes) > bounds.bytes;
          if (isFull) lost += 1;
          else waiting = [...waiting, bytes];
          await turn();
          if (shadow === 'stands' || waiting.length === 0) continue;
          const answers = { ok: OK, no: sentence(503, 'full'), dead: new Error('reset') };
          shadows.answerAll(answers[shadow]);
          if (shadow === 'ok') taken += 1;
          else lost += 1;
          waiting = waiting.slice(1);
          await turn();
        }
        const { copies, dropped } = tee.countsOf(PORT);
        expect([copies, dropped]).toEqual([all.length, lost]);
        expect(drops).toHaveLength(lost);
        expect(missed).toBe(lost);
        expect(tee.copiesFor('i2')).toEqual({ passed: taken, lost });
        expect(tee.copiesFor('i1')).toBeUndefined();
        expect(copies).toBe(taken + lost + waiting.length);
      }),
      { numRuns: 300 },
    );
  });

  it('lose what waits when they are stopped, and it is counted', async () => {
    const { tee, receivers, drops } = teeOf();
    tee.join(routeTo(1, 'live'));
    tee.join(routeTo(2, 'shadow'));
    for (const number of [1, 2, 3]) await answered(tee.handle(PORT, pushedAs(number)), receivers);
    await tee.leave('i2', AbortSignal.timeout(10));
    // The first one is under way and has its own end.
    expect(drops).toEqual(Array.from({ length: 2 }, () => 'i2: the shadow was stopped'));
  });
});
