import { Controller, Get, HttpStatus, Inject, Res } from '@nestjs/common';
import { Public } from '../auth/public.js';
import { HEALTH } from '../tokens.js';
import type { Health, Readiness } from './health.js';

interface Reply {
  status(code: number): unknown;
}

/** For probes: live says that the process answers, ready that it can do its work. */
@Public()
@Controller('health')
export class HealthController {
  constructor(@Inject(HEALTH) private readonly health: Health) {}

  @Get('live')
  live(): { readonly live: true } {
    return { live: true };
  }

  @Get(['ready', ''])
  async ready(@Res({ passthrough: true }) reply: Reply): Promise<Readiness> {
    const readiness = await this.health.readiness();
    reply.status(readiness.ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return readiness;
  }
}
