import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { enrolRequestSchema, type EnrolResponse } from '#lib/agent-protocol';
import { ProblemError, Public } from '#lib/platform';
import { EnrolmentService } from './enrolment.service.js';

/** Where a host comes in: the token in the body is all it has. */
@Public()
@Controller('agent/enrol')
export class EnrolmentController {
  constructor(private readonly enrolment: EnrolmentService) {}

  @Post()
  @HttpCode(200)
  enrol(@Body() body: unknown): Promise<EnrolResponse> {
    const request = enrolRequestSchema.safeParse(body);
    if (!request.success) {
      const errors = request.error.issues.map(({ path, message }) => ({
        field: path.join('.'),
        problems: [message],
      }));
      throw new ProblemError({
        status: 400,
        code: 'invalid-enrolment',
        detail: 'The enrolment request is not as it must be.',
        errors,
      });
    }
    return this.enrolment.enrol(request.data);
  }
}
