import { Injectable } from '@nestjs/common';
import { hostDecider, type HostCommand } from '#lib/domain';
import type { AggregateId } from '#lib/events';
import type { CommandContext } from '../shared/http/command-context.js';
import { Commander, type Accepted, type Untimed } from '../shared/http/commander.js';

/** What a person can do with a host. What hosts themselves report comes in by the agent gateway. */
@Injectable()
export class HostCommands {
  constructor(private readonly commander: Commander) {}

  send(id: AggregateId, command: Untimed<HostCommand>, context: CommandContext): Promise<Accepted> {
    return this.commander.send(hostDecider, id, command, context);
  }
}
