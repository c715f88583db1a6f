import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { AggregateId } from '#lib/events';
import { CurrentActor, type Principal } from '#lib/platform';
import { Id } from '../shared/http/id.js';
import { AtLeastDto } from '../shared/http/page.dto.js';
import { WaitsFor } from '../shared/http/waits-for.js';
import { Answers, IdParam, QueryRoute } from '../shared/openapi/answers.js';
import type { PipelineDiff, PipelineUsage, Validation } from '../shared/views/pipeline.view.js';
import { DiffPipelineDto } from './diff/diff.dto.js';
import { ValidatePipelineDto } from './pipeline.dto.js';
import { Samples } from './samples.js';
import { HostCollectors } from './host-collectors.js';
import { PipelineQueries } from './pipeline-queries.js';
import { UsageQueries } from './usage/usage-queries.js';
import { validate } from './validate.js';

/** What can be worked out about pipelines: whether one may be stored, how two versions differ, who runs which. */
@ApiTags('pipelines')
@Controller('pipelines')
@WaitsFor('pipelines')
export class PipelineAnswersController {
  constructor(
    private readonly queries: PipelineQueries,
    private readonly usages: UsageQueries,
    private readonly collectors: HostCollectors,
    private readonly samples: Samples,
  ) {}

  @Post('validate')
  @HttpCode(200)
  @Answers(200, 'Validation')
  @ApiOperation({
    summary: 'Everything that is wrong with a template, a specification or collector YAML. Stores nothing.',
    description:
      'The rules for YAML are those of docs/collector-rules.md. A body over 1 MiB is refused with 413.',
  })
  async validate(
    @CurrentActor() { tenant }: Principal,
    @Body() body: ValidatePipelineDto,
  ): Promise<Validation> {
    const [components, sample] = await Promise.all([
      this.collectors.of(tenant, body.forHost),
      this.samples.of(tenant, body.recording),
    ]);
    return validate(body, { components, sample });
  }

  @Get(':id/diff')
  @IdParam('Pipeline')
  @QueryRoute('PipelineDiff')
  @ApiOperation({
    summary: 'How two versions differ: what they say, by path, and what it comes to on a host.',
  })
  diff(
    @CurrentActor() { tenant }: Principal,
    @Id() id: AggregateId,
    @Query() query: DiffPipelineDto,
  ): Promise<PipelineDiff> {
    return this.queries.diff(tenant, id, query);
  }

  @Get(':id/usage')
  @IdParam('Pipeline')
  @WaitsFor('experiments')
  @QueryRoute('PipelineUsage')
  @ApiOperation({ summary: 'Who uses which version: experiments by phase and role, and hosts.' })
  async usage(
    @CurrentActor() { tenant }: Principal,
    @Id() id: AggregateId,
    @Query() _query: AtLeastDto,
  ): Promise<PipelineUsage> {
    await this.queries.get(tenant, id);
    return this.usages.usage(tenant, id);
  }
}
