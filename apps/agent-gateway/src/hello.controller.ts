import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, NatsContext, Payload } from '@nestjs/microservices';
import { helloSchema } from '#lib/agent-protocol';
import { parseHostSubject } from '#lib/events';
import { InventoryDesk } from './inventory/inventory-desk.js';
import { PresenceService } from './presence/presence.service.js';
import { TaskDesk } from './tasks/task-desk.js';
import { OrderDesk } from './orders/order-desk.js';
import { HostShare } from './shared/host-share.js';

/** Hosts say what they are made of and which order they have; one that is behind gets the newest again, and then the tasks that wait for it. */
@Controller()
export class HelloController {
  constructor(
    private readonly desk: OrderDesk,
    private readonly tasks: TaskDesk,
    private readonly presence: PresenceService,
    private readonly inventory: InventoryDesk,
    private readonly share: HostShare,
  ) {}

  // Without its type argument the decorator does not accept the context parameter (Nest 12.1).
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-arguments
  @EventPattern<string>('hello.*.*')
  async onHello(@Payload() body: unknown, @Ctx() context: NatsContext): Promise<void> {
    const from = parseHostSubject(context.getSubject());
    const hello = helloSchema.safeParse(body);
    if (from === undefined || !this.share.holds(from.tenant, from.host)) return;
    if (!hello.success || hello.data.host !== from.host) return;
    this.presence.hello(from, hello.data);
    if (hello.data.inventory !== undefined) this.inventory.tell(from, hello.data.inventory);
    await this.desk.helloFrom(from.tenant, from.host, hello.data.generation);
    await this.tasks.settle(from.tenant, from.host);
  }
}
