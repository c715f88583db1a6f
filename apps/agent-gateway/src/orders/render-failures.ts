import { hostDecider, type HostState } from '#lib/domain';
import { DomainError } from '#lib/domain-kernel';
import type { AggregateId, HostId, TenantId } from '#lib/events';
import type { PipelineError } from '#lib/pipelines';
import { commandIdFrom, type Clock, type HandlesCommands } from '#lib/platform';

type Configuration = Exclude<HostState, { phase: 'absent' }>['configuration'];

export interface RenderFailureParts {
  readonly commands: Pick<HandlesCommands, 'handle'>;
  readonly clock: Pick<Clock, 'iso'>;
}

const SENTENCE = 'Its pipelines cannot be rendered';
/** As long as the event has room. */
const MOST_CHARACTERS = 1000;

/** Whether the newest that is known of a host is that there was nothing to order from it. */
export function wasUnrenderable({ outcome, reason }: Configuration): boolean {
  return outcome === 'failed' && reason?.startsWith(SENTENCE) === true;
}

/**
 * Says of a host that what it should run cannot be rendered for it, as when a label is gone that a pipeline needs. No
 * order goes out: the host stays with what it runs, and its failure stands where those of orders stand.
 */
export class RenderFailures {
  constructor(private readonly parts: RenderFailureParts) {}

  /** Once for each reason, however often it is told. */
  async tell(
    tenant: TenantId,
    host: HostId,
    known: Configuration,
    { message }: PipelineError,
  ): Promise<void> {
    const reason = `${SENTENCE}: ${message}`.slice(0, MOST_CHARACTERS);
    if (wasUnrenderable(known) && known.reason === reason) return;
    const { generation } = known;
    const at = this.parts.clock.iso();
    const ref = { tenant, aggregate: 'host', id: host as string as AggregateId } as const;
    try {
      await this.parts.commands.handle(
        hostDecider,
        ref,
        { type: 'ReportConfigurationFailed', at, generation, reason },
        {
          commandId: commandIdFrom('unrenderable', tenant, host, String(generation), at),
          actor: { kind: 'service', id: 'agent-gateway' },
        },
      );
    } catch (error) {
      // A host that was revoked meanwhile.
      if (!(error instanceof DomainError)) throw error;
    }
  }
}
