import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, NatsContext, Payload } from '@nestjs/microservices';
import { heartbeatSchema } from '#lib/agent-protocol';
import { parseHostSubject } from '#lib/events';
import { HostShare } from '../shared/host-share.js';
import { PresenceService } from './presence.service.js';

/** Heartbeats. They come on core NATS: one may get lost, the next one follows. */
@Controller()
export class PresenceController {
  constructor(
    private readonly presence: PresenceService,
    private readonly share: HostShare,
  ) {}

  // Without its type argument the decorator does not accept the context parameter (Nest 12.1).
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-arguments
  @EventPattern<string>('hb.*.*')
  async onHeartbeat(@Payload() body: unknown, @Ctx() context: NatsContext): Promise<void> {
    const from = parseHostSubject(context.getSubject());
    const heartbeat = heartbeatSchema.safeParse(body);
    if (from === undefined || !this.share.holds(from.tenant, from.host) || !heartbeat.success) return;
    await this.presence.heard(from, heartbeat.data);
  }
}
