import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { AggregateId, HostId } from '#lib/events';
import { CurrentActor, type Principal } from '#lib/platform';
import { Answers, CommandRoute, IdParam, MayChange, QueryRoute } from '../shared/openapi/answers.js';
import { Context, type CommandContext } from '../shared/http/command-context.js';
import type { Accepted } from '../shared/http/commander.js';
import { Id } from '../shared/http/id.js';
import { AtLeastDto, DEFAULT_LIMIT, PageDto } from '../shared/http/page.dto.js';
import { WaitsFor } from '../shared/http/waits-for.js';
import type {
  EnrolmentTokenEntry,
  EnrolmentTokenList,
  EnrolmentTokenView,
  FleetStatus,
  HostCollector,
  HostDetail,
  HostPage,
} from '../shared/views/host.view.js';
import type { HostDebug } from '../shared/views/host-debug.view.js';
import { HostDebugger } from './debug/host-debug.js';
import { EnrolmentTokens } from './enrolment-tokens.js';
import { CreateEnrolmentTokenDto, RevokeHostDto, RotateHostDto } from './fleet.dto.js';
import { FleetQueries } from './fleet-queries.js';
import { HostCommands } from './host-commands.js';

/** Hosts: how they join, what they run, and how they are shut out. */
@ApiTags('fleet')
@Controller('fleet')
@WaitsFor('hosts')
export class FleetController {
  constructor(
    private readonly tokens: EnrolmentTokens,
    private readonly commands: HostCommands,
    private readonly queries: FleetQueries,
    private readonly debug: HostDebugger,
  ) {}

  @Post('enrolment-tokens')
  @HttpCode(201)
  @MayChange()
  @Answers(201, 'EnrolmentToken')
  @ApiOperation({ summary: 'Makes a token with which hosts may enrol. It is shown here and nowhere else.' })
  createToken(
    @Body() body: CreateEnrolmentTokenDto,
    @Context() context: CommandContext,
  ): Promise<EnrolmentTokenView> {
    return this.tokens.create(body, context);
  }

  @Get('enrolment-tokens')
  @MayChange()
  @Answers(200, 'EnrolmentTokens')
  @ApiOperation({
    summary: 'Lists enrolment tokens with the hosts that each let in; never the token itself.',
  })
  listTokens(@CurrentActor() { tenant }: Principal): Promise<EnrolmentTokenList> {
    return this.tokens.list(tenant);
  }

  @Delete('enrolment-tokens/:id')
  @IdParam('Enrolment token')
  @MayChange()
  @Answers(200, 'EnrolmentTokenEntry')
  @ApiOperation({ summary: 'Revokes a token: it lets nobody in any more. Hosts that are in stay in.' })
  revokeToken(@CurrentActor() { tenant }: Principal, @Id() id: AggregateId): Promise<EnrolmentTokenEntry> {
    return this.tokens.revoke(tenant, id);
  }

  @Get('status')
  @QueryRoute('FleetStatus')
  @ApiOperation({ summary: 'Hosts by status, and how far the views lag behind the events.' })
  status(@CurrentActor() { tenant }: Principal, @Query() _query: AtLeastDto): Promise<FleetStatus> {
    return this.queries.status(tenant);
  }

  @Get('hosts')
  @QueryRoute('HostPage')
  @ApiOperation({ summary: 'Lists hosts in the order of their ids.' })
  hosts(
    @CurrentActor() { tenant }: Principal,
    @Query() { limit = DEFAULT_LIMIT, cursor }: PageDto,
  ): Promise<HostPage> {
    return this.queries.list(tenant, limit, cursor);
  }

  @Get('hosts/:id')
  @IdParam('Host')
  @QueryRoute('HostDetail')
  @ApiOperation({ summary: 'One host with its last heartbeat and its attempt ledger.' })
  host(
    @CurrentActor() { tenant }: Principal,
    @Id() id: AggregateId,
    @Query() _query: AtLeastDto,
  ): Promise<HostDetail> {
    return this.queries.get(tenant, id as string as HostId);
  }

  @Get('hosts/:id/collector')
  @IdParam('Host')
  @QueryRoute('HostCollector')
  @ApiOperation({ summary: 'The collector of a host, and the components that it offers.' })
  collector(
    @CurrentActor() { tenant }: Principal,
    @Id() id: AggregateId,
    @Query() _query: AtLeastDto,
  ): Promise<HostCollector> {
    return this.queries.collector(tenant, id as string as HostId);
  }

  @Get('hosts/:id/debug')
  @IdParam('Host')
  @QueryRoute('HostDebug')
  @ApiOperation({ summary: 'Why a host does not do well: link, clock, outbox, orders, each with a fix.' })
  debugHost(
    @CurrentActor() { tenant }: Principal,
    @Id() id: AggregateId,
    @Query() _query: AtLeastDto,
  ): Promise<HostDebug> {
    return this.debug.examine(tenant, id as string as HostId);
  }

  @Post('hosts/:id/rotate')
  @HttpCode(202)
  @IdParam('Host')
  @CommandRoute()
  @ApiOperation({
    summary:
      'Gets a host a new credential, by itself. The old one holds until the host has used the new one; asked for twice, it is one rotation.',
  })
  rotate(
    @Id() id: AggregateId,
    @Body() { reason = '' }: RotateHostDto,
    @Context() context: CommandContext,
  ): Promise<Accepted> {
    return this.commands.send(id, { type: 'RequestHostCredentialRotation', reason }, context);
  }

  @Post('hosts/:id/revoke')
  @HttpCode(202)
  @IdParam('Host')
  @CommandRoute()
  @ApiOperation({ summary: 'Shuts a host out: its credential is no longer accepted.' })
  revoke(
    @Id() id: AggregateId,
    @Body() { reason = '' }: RevokeHostDto,
    @Context() context: CommandContext,
  ): Promise<Accepted> {
    return this.commands.send(id, { type: 'RevokeHost', reason }, context);
  }
}
