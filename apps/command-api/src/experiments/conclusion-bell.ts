import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { experimentDecider } from '#lib/domain';
import { DomainError } from '#lib/domain-kernel';
import type { AggregateId } from '#lib/events';
import { NATS, type Nats, ConcurrencyError } from '#lib/platform';
import type { CommandContext } from '../shared/http/command-context.js';
import { Commander, type Accepted } from '../shared/http/commander.js';
import { refusal } from '../shared/http/edge-error.js';

/** The analyzer answers on this subject when it has taken note; the verdict itself arrives as an event. */
const CONCLUDE = 'bell.conclude';
const TIMEOUT_MS = 3_000;
const answerSchema = z.object({ status: z.string() });

/**
 * Asks the analyzer to conclude with what it has. Nothing is stored here: the verdict is the analyzer's to give, so an
 * unheard bell changes nothing and the caller is told.
 */
@Injectable()
export class ConclusionBell {
  constructor(
    private readonly commander: Commander,
    @Inject(NATS) private readonly nats: Pick<Nats, 'request'>,
  ) {}

  async ring(id: AggregateId, { tenant, ifMatch }: CommandContext): Promise<Accepted> {
    const { state, position } = await this.commander.current(experimentDecider, id, { tenant });
    if (ifMatch !== undefined && ifMatch !== position)
      throw new ConcurrencyError('if-match-failed', position);
    if (state.phase === 'absent')
      throw new DomainError('experiment-not-found', 'There is no such experiment.');
    if (state.phase !== 'running')
      throw new DomainError('experiment-not-running', 'Only a running experiment can be concluded.');
    const heard = await this.ask(new TextEncoder().encode(JSON.stringify({ tenant, experiment: id })));
    // The analyzer follows the same events and may be a moment behind.
    if (heard !== 'noted')
      throw new DomainError(
        'experiment-not-running',
        'The analyzer does not see the experiment running yet.',
        'Try again.',
      );
    return { id, position: String(position) };
  }

  /** @throws ProblemError `analyzer-unreachable` */
  private async ask(request: Uint8Array): Promise<string | undefined> {
    const answer = await this.nats.request(CONCLUDE, request, TIMEOUT_MS).catch(() => undefined);
    if (answer === undefined)
      throw refusal(
        'analyzer-unreachable',
        'The analyzer did not answer, so nothing was concluded.',
        'Look at the health of the analyzer, then try again.',
      );
    return answerSchema.safeParse(JSON.parse(new TextDecoder().decode(answer.data))).data?.status;
  }
}
