import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { PipelineExport } from '#lib/pipelines';
import { Answers } from '../shared/openapi/answers.js';
import { ExportPipelineDto } from './export.dto.js';
import { exported } from './export.js';

/** Pipelines as files for whoever runs collectors without Phoenix. */
@ApiTags('pipelines')
@Controller('pipelines/export')
export class ExportsController {
  @Post()
  @HttpCode(200)
  @Answers(200, 'PipelineExport')
  @ApiOperation({
    summary:
      'Kubernetes manifests or Helm values of a pipeline. Stores nothing; equal input gives equal bytes.',
  })
  export(@Body() body: ExportPipelineDto): PipelineExport {
    return exported(body);
  }
}
