import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
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
import { CreatePipelineDto, PipelineContentDto, RenderPipelineDto } from './pipeline.dto.js';
import { PipelineCommands } from './pipeline-commands.js';
import { PipelineQueries } from './pipeline-queries.js';
import { render } from './render.js';

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
    summary: 'Renders a template for one host. Stores nothing; equal input gives equal bytes.',
  })
  render(@Body() body: RenderPipelineDto): RenderedPipeline {
    return render(body);
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
  @ApiOperation({ summary: 'Publishes another version; published versions never change.' })
  publish(
    @Id() id: AggregateId,
    @Body() body: PipelineContentDto,
    @Context() context: CommandContext,
  ): Promise<Accepted> {
    return this.commands.publish(id, body, context);
  }
}
