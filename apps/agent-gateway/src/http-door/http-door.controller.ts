import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res, UseGuards } from '@nestjs/common';
import type { z } from 'zod';
import {
  handOverReplySchema,
  heartbeatSchema,
  helloSchema,
  HTTP_DOOR_PATHS,
  LONGEST_POLL_SECONDS,
} from '#lib/agent-protocol';
import { ProblemError, Public } from '#lib/platform';
import { Admission, type Caller } from './admission.js';
import { FromHost, HostGuard } from './host.guard.js';
import { Mailboxes } from './mailboxes.js';
import { Relay, type RequestHeaders, type Stored } from './relay.js';

/** The part of Fastify's reply that a poll needs. */
interface PollReply {
  readonly raw: { once(event: 'close', listener: () => void): unknown };
  status(code: number): PollReply;
  header(name: string, value: string): PollReply;
  send(body?: Buffer): unknown;
}

/** The door of hosts that do not reach NATS; its paths and meaning are in the protocol (`HTTP_DOOR_PATHS`). */
@Public()
@UseGuards(HostGuard)
@Controller()
export class HttpDoorController {
  constructor(
    private readonly relay: Relay,
    private readonly mailboxes: Mailboxes,
    private readonly admission: Admission,
  ) {}

  @Post(HTTP_DOOR_PATHS.hello)
  @HttpCode(204)
  hello(@FromHost() caller: Caller, @Body() body: unknown): void {
    this.relay.hello(caller, parsed(helloSchema, body));
  }

  @Post(HTTP_DOOR_PATHS.heartbeat)
  @HttpCode(204)
  heartbeat(@FromHost() caller: Caller, @Body() body: unknown): void {
    this.relay.heartbeat(caller, parsed(heartbeatSchema, body));
  }

  @Get(HTTP_DOOR_PATHS.tasks)
  async poll(
    @FromHost() caller: Caller,
    @Query('wait') wait: unknown,
    @Res() reply: PollReply,
  ): Promise<void> {
    const seconds = waitOf(wait);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const task = await this.mailboxes.take(caller, seconds * 1000, gone.signal);
    this.admission.requireStanding(caller);
    if (task === undefined) reply.status(204).send();
    else reply.status(200).header('content-type', 'application/json').send(Buffer.from(task));
  }

  @Post(HTTP_DOOR_PATHS.acceptance(':taskId'))
  @HttpCode(204)
  accept(@FromHost() caller: Caller, @Param('taskId') taskId: string, @Body() body: unknown): void {
    const reply = parsed(handOverReplySchema, body);
    if (reply.taskId !== taskId) throw invalid([{ field: 'taskId', problems: ['is not that of the path'] }]);
    this.relay.reply(caller, reply);
  }

  @Post(HTTP_DOOR_PATHS.results)
  @HttpCode(200)
  result(
    @FromHost() caller: Caller,
    @Headers() headers: RequestHeaders,
    @Body() body: unknown,
  ): Promise<Stored> {
    return this.relay.result(caller, headers, bytesOf(body));
  }

  @Post(HTTP_DOOR_PATHS.metrics)
  @HttpCode(200)
  metrics(
    @FromHost() caller: Caller,
    @Headers() headers: RequestHeaders,
    @Body() body: unknown,
  ): Promise<Stored> {
    return this.relay.metrics(caller, headers, bytesOf(body));
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw invalid(
    result.error.issues.map(({ path, message }) => ({ field: path.join('.'), problems: [message] })),
  );
}

function waitOf(wait: unknown): number {
  const seconds = wait === undefined ? LONGEST_POLL_SECONDS : typeof wait === 'string' ? Number(wait) : NaN;
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= LONGEST_POLL_SECONDS) return seconds;
  throw invalid([{ field: 'wait', problems: [`must be whole seconds from 0 to ${LONGEST_POLL_SECONDS}`] }]);
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array && body.length > 0) return body;
  throw invalid([{ field: '', problems: ['the body must be the bytes of one message'] }]);
}

function invalid(
  errors: readonly { readonly field: string; readonly problems: readonly string[] }[],
): ProblemError {
  return new ProblemError({
    status: 422,
    code: 'invalid-message',
    detail: 'The message is not as it must be.',
    errors: errors.slice(0, MOST_ERRORS),
  });
}

/** A body of nothing but errors must not make a larger answer. */
const MOST_ERRORS = 20;
