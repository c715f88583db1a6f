import { Injectable } from '@nestjs/common';
import { pipelineDecider } from '#lib/domain';
import type { AggregateId } from '#lib/events';
import { validateParameters } from '#lib/pipelines';
import { commandIdFrom, idFrom } from '#lib/platform';
import type { CommandContext } from '../shared/http/command-context.js';
import { Commander, type Accepted } from '../shared/http/commander.js';
import { invalidParameters } from '../shared/http/edge-error.js';
import type { CreatePipelineDto, PipelineContentDto } from './pipeline.dto.js';

/** What a person can do with a pipeline of the catalogue. */
@Injectable()
export class PipelineCommands {
  constructor(private readonly commander: Commander) {}

  /**
   * Two commands, because a version is its own event: a repetition of the request finishes what an interrupted one
   * has begun, since both command ids follow from the request's.
   */
  async create(
    { name, description = '', ...content }: CreatePipelineDto,
    context: CommandContext,
  ): Promise<Accepted> {
    requireValid(content);
    const id = idFrom('pl', context.commandId);
    await this.commander.send(pipelineDecider, id, { type: 'CreatePipeline', name, description }, context);
    const { ifMatch: _created, ...rest } = context;
    return this.publish(id, content, {
      ...rest,
      commandId: commandIdFrom(context.commandId, 'first version'),
    });
  }

  async publish(id: AggregateId, content: Content, context: CommandContext): Promise<Accepted> {
    requireValid(content);
    const { template, parameters = {} } = content;
    return this.commander.send(
      pipelineDecider,
      id,
      { type: 'PublishPipelineVersion', template, parameters },
      context,
    );
  }
}

type Content = Pick<PipelineContentDto, 'template' | 'parameters'>;

function requireValid({ template, parameters = {} }: Content): void {
  const findings = validateParameters(template, parameters);
  if (findings.length > 0) throw invalidParameters(findings);
}
