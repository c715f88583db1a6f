import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Principal } from '#lib/platform';
import { Answers } from '../shared/openapi/answers.js';
import type { GeneratedConfigView } from '../shared/views/pipeline.view.js';
import { PipelineQueries } from './pipeline-queries.js';

/** Collector configurations that were sent to hosts, by their content hash. */
@ApiTags('pipelines')
@Controller('generator/configs')
export class ConfigsController {
  constructor(private readonly queries: PipelineQueries) {}

  @Get(':hash')
  @ApiParam({ name: 'hash', schema: { type: 'string', pattern: '^[0-9a-f]{64}$' } })
  @Answers(200, 'GeneratedConfig')
  @ApiOperation({ summary: 'One stored configuration.' })
  get(@CurrentActor() { tenant }: Principal, @Param('hash') hash: string): Promise<GeneratedConfigView> {
    return this.queries.config(tenant, hash);
  }
}
