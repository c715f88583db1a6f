import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { AggregateId } from '#lib/events';
import { CurrentActor, type Principal } from '#lib/platform';
import { CommandRoute, IdParam, QueryRoute } from '../shared/openapi/answers.js';
import type { Accepted } from '../shared/http/commander.js';
import { Context, type CommandContext } from '../shared/http/command-context.js';
import { Id } from '../shared/http/id.js';
import { AtLeastDto } from '../shared/http/page.dto.js';
import { WaitsFor } from '../shared/http/waits-for.js';
import { ExperimentLog } from '../shared/views/experiment-log.js';
import type { Experiment, ExperimentPage, History } from '../shared/views/experiment.view.js';
import type { ExperimentHosts } from '../shared/views/host.view.js';
import { CloneExperimentDto, DraftExperimentDto, ReviseExperimentDto } from './dto/experiment-spec.dto.js';
import { ExperimentCommands } from './experiment-commands.js';
import { ExperimentQueries } from './experiment-queries.js';
import { GetExperimentDto } from './dto/get-experiment.dto.js';
import { ListExperimentsDto } from './list-experiments.dto.js';

/** Experiments as things: create, read, revise, archive. Their life is in `TransitionsController`. */
@ApiTags('experiments')
@Controller('experiments')
@WaitsFor('experiments')
export class ExperimentsController {
  constructor(
    private readonly commands: ExperimentCommands,
    private readonly queries: ExperimentQueries,
    private readonly log: ExperimentLog,
  ) {}

  @Post()
  @HttpCode(202)
  @CommandRoute()
  @ApiOperation({ summary: 'Drafts an experiment; nothing runs yet.' })
  draft(@Body() body: DraftExperimentDto, @Context() context: CommandContext): Promise<Accepted> {
    return this.commands.draft(body, context);
  }

  @Get()
  @QueryRoute('ExperimentPage')
  @ApiOperation({ summary: 'Lists experiments, newest first unless asked otherwise.' })
  list(@CurrentActor() { tenant }: Principal, @Query() query: ListExperimentsDto): Promise<ExperimentPage> {
    return this.queries.list(tenant, query);
  }

  @Get(':id')
  @IdParam('Experiment')
  @QueryRoute('Experiment')
  @ApiOperation({ summary: 'One experiment with its description, stages and verdict, now or as it was.' })
  get(
    @CurrentActor() { tenant }: Principal,
    @Id() id: AggregateId,
    @Query() { at }: GetExperimentDto,
  ): Promise<Experiment> {
    return at === undefined ? this.queries.get(tenant, id) : this.log.at(tenant, id, at);
  }

  @Patch(':id')
  @HttpCode(202)
  @IdParam('Experiment')
  @CommandRoute()
  @ApiOperation({ summary: 'Revises a draft; each field that is given replaces the whole field.' })
  revise(
    @Id() id: AggregateId,
    @Body() body: ReviseExperimentDto,
    @Context() context: CommandContext,
  ): Promise<Accepted> {
    return this.commands.revise(id, body, context);
  }

  @Post(':id/clone')
  @HttpCode(202)
  @IdParam('The experiment to take the description from')
  @CommandRoute()
  @ApiOperation({
    summary: 'Drafts another experiment with the description of this one, in whatever phase it is.',
    description: 'Each field that is given replaces the whole field. Without a name it is called a copy.',
  })
  clone(
    @Id() id: AggregateId,
    @Body() body: CloneExperimentDto,
    @Context() context: CommandContext,
  ): Promise<Accepted> {
    return this.commands.clone(id, body, context);
  }

  @Delete(':id')
  @HttpCode(202)
  @IdParam('Experiment')
  @CommandRoute()
  @ApiOperation({ summary: 'Archives an experiment that is over or never started. Nothing is deleted.' })
  archive(@Id() id: AggregateId, @Context() context: CommandContext): Promise<Accepted> {
    return this.commands.archive(id, context);
  }

  @Get(':id/hosts')
  @IdParam('Experiment')
  @QueryRoute('ExperimentHosts')
  @ApiOperation({ summary: 'The hosts that take part, each with its attempt ledger.' })
  hosts(
    @CurrentActor() { tenant }: Principal,
    @Id() id: AggregateId,
    @Query() _query: AtLeastDto,
  ): Promise<ExperimentHosts> {
    return this.queries.hosts(tenant, id);
  }

  @Get(':id/events')
  @IdParam('Experiment')
  @QueryRoute('History')
  @ApiOperation({ summary: 'The full history: who did what, when and why.' })
  events(
    @CurrentActor() { tenant }: Principal,
    @Id() id: AggregateId,
    @Query() _query: AtLeastDto,
  ): Promise<History> {
    return this.queries.history(tenant, id);
  }
}
