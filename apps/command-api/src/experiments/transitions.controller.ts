import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { AggregateId } from '#lib/events';
import { CommandRoute, IdParam } from '../shared/openapi/answers.js';
import type { Accepted } from '../shared/http/commander.js';
import { Context, type CommandContext } from '../shared/http/command-context.js';
import { Id } from '../shared/http/id.js';
import { ConclusionBell } from './conclusion-bell.js';
import { PromoteExperimentDto, StopCandidateDto } from './dto/transition.dto.js';
import { ExperimentCommands } from './experiment-commands.js';

/** The life of an experiment: each route is one command of the state machine. */
@ApiTags('experiments')
@IdParam('Experiment')
@Controller('experiments/:id')
export class TransitionsController {
  constructor(
    private readonly commands: ExperimentCommands,
    private readonly bell: ConclusionBell,
  ) {}

  @Post('start')
  @HttpCode(202)
  @CommandRoute()
  @ApiOperation({ summary: 'Freezes targets and pipelines; hosts are to run both variants.' })
  start(@Id() id: AggregateId, @Context() context: CommandContext): Promise<Accepted> {
    return this.commands.start(id, context);
  }

  @Post('pause')
  @HttpCode(202)
  @CommandRoute()
  @ApiOperation({ summary: 'Stops the candidate for now; the measurement starts anew after it.' })
  pause(
    @Id() id: AggregateId,
    @Body() { reason = '', mode = 'graceful' }: StopCandidateDto,
    @Context() context: CommandContext,
  ): Promise<Accepted> {
    return this.commands.send(id, { type: 'PauseExperiment', mode, reason }, context);
  }

  @Post('resume')
  @HttpCode(202)
  @CommandRoute()
  @ApiOperation({ summary: 'Runs the candidate again, beginning with a warm-up.' })
  resume(@Id() id: AggregateId, @Context() context: CommandContext): Promise<Accepted> {
    return this.commands.send(id, { type: 'ResumeExperiment' }, context);
  }

  @Post('stop')
  @HttpCode(202)
  @CommandRoute()
  @ApiOperation({ summary: 'Ends the experiment without a verdict; the baseline stays.' })
  stop(
    @Id() id: AggregateId,
    @Body() { reason = '', mode = 'graceful' }: StopCandidateDto,
    @Context() context: CommandContext,
  ): Promise<Accepted> {
    return this.commands.send(id, { type: 'StopExperiment', mode, reason }, context);
  }

  @Post('conclude')
  @HttpCode(202)
  @CommandRoute('The analyzer was asked; the verdict follows as an event.')
  @ApiOperation({ summary: 'Asks for the verdict now, with the evidence that there is.' })
  conclude(@Id() id: AggregateId, @Context() context: CommandContext): Promise<Accepted> {
    return this.bell.ring(id, context);
  }

  @Post('promote')
  @HttpCode(202)
  @CommandRoute()
  @ApiOperation({ summary: 'Makes the candidate the pipeline of every target host.' })
  promote(
    @Id() id: AggregateId,
    @Body() { reason = '', despiteVerdict = false }: PromoteExperimentDto,
    @Context() context: CommandContext,
  ): Promise<Accepted> {
    return this.commands.send(id, { type: 'PromoteExperiment', reason, despiteVerdict }, context);
  }

  @Post('rollback')
  @HttpCode(202)
  @CommandRoute()
  @ApiOperation({ summary: 'Takes every target host back to the baseline.' })
  rollback(
    @Id() id: AggregateId,
    @Body() { reason = '', mode = 'graceful' }: StopCandidateDto,
    @Context() context: CommandContext,
  ): Promise<Accepted> {
    return this.commands.send(id, { type: 'RollBackExperiment', mode, requestedBy: 'user', reason }, context);
  }
}
