import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { AggregateId } from '#lib/events';
import { templates, type RenderedPipeline, type TemplateDescription } from '#lib/pipelines';
import { CurrentActor, type Principal } from '#lib/platform';
import { Answers, CommandRoute, IdParam, QueryRoute } from '../shared/openapi/answers.js';
import { Context, type CommandContext } from '../shared/http/command-context.js';
import type { Accepted } from '../shared/http/commander.js';
import { Id } from '../shared/http/id.js';
import { AtLeastDto } from '../shared/http/page.dto.js';
import { WaitsFor } from '../shared/http/waits-for.js';
import type { Pipeline, PipelineVersion } from '../shared/views/pipeline.view.js';
import {
  CreatePipelineDto,
  DeprecatePipelineDto,
  PipelineContentDto,
  RenderPipelineDto,
} from './pipeline.dto.js';
import { PipelineCommands } from './pipeline-commands.js';
import { PipelineQueries } from './pipeline-queries.js';
import { render } from './render.js';
import { versionPipe } from './version.js';

type List<Item> = { readonly items: readonly Item[] };

/** The catalogue of pipelines, the built-in templates, and what they render to. */
@ApiTags('pipelines')
@Controller('pipelines')
@WaitsFor('pipelines')
export class PipelinesController {
  constructor(
    private readonly commands: PipelineCommands,
    private readonly queries: PipelineQueries,
  ) {}

  @Post()
  @HttpCode(202)
  @CommandRoute()
  @ApiOperation({ summary: 'Creates a pipeline with its first version.' })
  create(@Body() body: CreatePipelineDto, @Context() context: CommandContext): Promise<Accepted> {
    return this.commands.create(body, context);
  }

  @Get()
  @QueryRoute('PipelineList')
  @ApiOperation({ summary: 'Lists the pipelines of the catalogue by name.' })
  list(@CurrentActor() { tenant }: Principal, @Query() _query: AtLeastDto): Promise<List<Pipeline>> {
    return this.queries.list(tenant);
  }

  @Get('templates')
  @Answers(200, 'Templates')
  @ApiOperation({ summary: 'The built-in templates with their parameters.' })
  templates(): List<TemplateDescription> {
    return { items: templates };
  }

  @Post('render')
  @HttpCode(200)
  @Answers(200, 'RenderedPipeline')
  @ApiOperation({
    summary:
      'Renders a template, a specification or YAML for one host. Stores nothing; equal input gives equal bytes.',
  })
  render(@Body() body: RenderPipelineDto): RenderedPipeline {
    return render(body);
  }

  @Get(':id')
  @IdParam('Pipeline')
  @QueryRoute('Pipeline')
  @ApiOperation({ summary: 'One pipeline of the catalogue.' })
  get(
    @CurrentActor() { tenant }: Principal,
    @Id() id: AggregateId,
    @Query() _query: AtLeastDto,
  ): Promise<Pipeline> {
    return this.queries.get(tenant, id);
  }

  @Get(':id/versions')
  @IdParam('Pipeline')
  @QueryRoute('PipelineVersions')
  @ApiOperation({ summary: 'The published versions, newest first.' })
  versions(
    @CurrentActor() { tenant }: Principal,
    @Id() id: AggregateId,
    @Query() _query: AtLeastDto,
  ): Promise<List<PipelineVersion>> {
    return this.queries.versions(tenant, id);
  }

  @Post(':id/versions')
  @HttpCode(202)
  @IdParam('Pipeline')
  @CommandRoute()
  @ApiOperation({
    summary: 'Publishes another version; published versions never change.',
    description: 'What equals the newest version is accepted and makes no new one.',
  })
  publish(
    @Id() id: AggregateId,
    @Body() body: PipelineContentDto,
    @Context() context: CommandContext,
  ): Promise<Accepted> {
    return this.commands.publish(id, body, context);
  }

  @Get(':id/versions/:version')
  @IdParam('Pipeline')
  @ApiParam({ name: 'version', schema: { type: 'integer', minimum: 1 } })
  @QueryRoute('PipelineVersion')
  @ApiOperation({ summary: 'One published version with everything that it says.' })
  version(
    @CurrentActor() { tenant }: Principal,
    @Id() id: AggregateId,
    @Param('version', versionPipe) version: number,
    @Query() _query: AtLeastDto,
  ): Promise<PipelineVersion> {
    return this.queries.version(tenant, id, version);
  }

  @Post(':id/deprecate')
  @HttpCode(202)
  @IdParam('Pipeline')
  @CommandRoute()
  @ApiOperation({
    summary: 'Nothing new may use the pipeline any more.',
    description: 'It takes no new version and no new experiment; what runs goes on.',
  })
  deprecate(
    @Id() id: AggregateId,
    @Body() { reason }: DeprecatePipelineDto,
    @Context() context: CommandContext,
  ): Promise<Accepted> {
    return this.commands.deprecate(id, reason, context);
  }
}
