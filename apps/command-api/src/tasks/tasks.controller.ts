import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { AggregateId, HostId } from '#lib/events';
import { CurrentActor, type Principal } from '#lib/platform';
import type { Accepted } from '../shared/http/commander.js';
import { Context, type CommandContext } from '../shared/http/command-context.js';
import { CursorSeal } from '../shared/http/cursor-seal.js';
import { Id } from '../shared/http/id.js';
import { AtLeastDto, DEFAULT_LIMIT } from '../shared/http/page.dto.js';
import { WaitsFor } from '../shared/http/waits-for.js';
import { IdParam, QueryRoute, RepeatableRoute } from '../shared/openapi/answers.js';
import type { TaskDetail, TaskPage } from '../shared/views/task.view.js';
import { TasksReader } from '../shared/views/tasks.reader.js';
import { CancelTaskDto, ListTasksDto, RequestTaskDto } from './task.dto.js';
import { TaskCommands, taskNotFound } from './task-commands.js';

/** One-shot tasks on hosts: asked for, followed, taken back. */
@ApiTags('tasks')
@Controller()
@WaitsFor('tasks')
export class TasksController {
  constructor(
    private readonly commands: TaskCommands,
    private readonly tasks: TasksReader,
    private readonly seal: CursorSeal,
  ) {}

  @Post('fleet/hosts/:id/tasks')
  @HttpCode(202)
  @IdParam('Host')
  @RepeatableRoute('The task is stored and goes to the host as soon as it can be reached.')
  @ApiOperation({ summary: 'Asks a host for a one-shot task.' })
  request(
    @Id() id: AggregateId,
    @Body() body: RequestTaskDto,
    @Context() context: CommandContext,
  ): Promise<Accepted> {
    return this.commands.request(id as string as HostId, body, context);
  }

  @Get('tasks')
  @QueryRoute('TaskPage')
  @ApiOperation({ summary: 'Lists tasks, newest first.' })
  list(@CurrentActor() { tenant }: Principal, @Query() query: ListTasksDto): Promise<TaskPage> {
    const { host, phase, limit = DEFAULT_LIMIT, cursor } = query;
    return this.seal.page(tenant, cursor, (from) =>
      this.tasks.list({
        ...{ tenant, limit },
        ...(host === undefined ? {} : { host }),
        ...(phase === undefined ? {} : { phases: phase }),
        ...(from === undefined ? {} : { cursor: from }),
      }),
    );
  }

  @Get('tasks/:id')
  @IdParam('Task')
  @QueryRoute('TaskDetail')
  @ApiOperation({ summary: 'One task with its result and every stage of its way.' })
  async get(
    @CurrentActor() { tenant }: Principal,
    @Id() id: AggregateId,
    @Query() _query: AtLeastDto,
  ): Promise<TaskDetail> {
    const task = await this.tasks.detail(tenant, id);
    if (task === undefined) throw taskNotFound();
    return task;
  }

  @Post('tasks/:id/cancel')
  @HttpCode(202)
  @IdParam('Task')
  @RepeatableRoute('The wish is stored; whether the task could still be taken back, its phase tells.')
  @ApiOperation({ summary: 'Takes a task back, also before it has arrived.' })
  cancel(
    @Id() id: AggregateId,
    @Body() { reason = '' }: CancelTaskDto,
    @Context() context: CommandContext,
  ): Promise<Accepted> {
    return this.commands.cancel(id, reason, context);
  }
}
