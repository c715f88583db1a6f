import { Injectable } from '@nestjs/common';
import { pipelineDecider } from '#lib/domain';
import type { AggregateId, PipelineContent } from '#lib/events';
import { commandIdFrom, idFrom } from '#lib/platform';
import type { CommandContext } from '../shared/http/command-context.js';
import { Commander, type Accepted } from '../shared/http/commander.js';
import { checkedContent, type Given } from './content.js';
import { HostCollectors } from './host-collectors.js';
import type { CreatePipelineDto, PipelineContentDto } from './pipeline.dto.js';

/** What a person can do with a pipeline of the catalogue. */
@Injectable()
export class PipelineCommands {
  constructor(
    private readonly commander: Commander,
    private readonly collectors: HostCollectors,
  ) {}

  /**
   * Two commands, because a version is its own event: a repetition of the request finishes what an interrupted one
   * has begun, since both command ids follow from the request's.
   */
  async create(
    { name, description = '', ...given }: CreatePipelineDto,
    context: CommandContext,
  ): Promise<Accepted> {
    const content = await this.checked(given, context);
    const id = idFrom('pl', context.commandId);
    await this.commander.send(pipelineDecider, id, { type: 'CreatePipeline', name, description }, context);
    const { ifMatch: _created, ...rest } = context;
    return this.store(id, content, {
      ...rest,
      commandId: commandIdFrom(context.commandId, 'first version'),
    });
  }

  /** Content that the newest version has already makes no new one. */
  async publish(id: AggregateId, given: PipelineContentDto, context: CommandContext): Promise<Accepted> {
    return this.store(id, await this.checked(given, context), context);
  }

  deprecate(id: AggregateId, reason: string, context: CommandContext): Promise<Accepted> {
    return this.commander.send(pipelineDecider, id, { type: 'DeprecatePipeline', reason }, context);
  }

  private async checked(given: Given, { tenant }: CommandContext): Promise<PipelineContent> {
    return checkedContent(given, await this.collectors.of(tenant, given.forHost));
  }

  private store(id: AggregateId, content: PipelineContent, context: CommandContext): Promise<Accepted> {
    return this.commander.send(pipelineDecider, id, { type: 'PublishPipelineVersion', content }, context);
  }
}
