import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsObject, IsOptional, IsString, MaxLength } from 'class-validator';
import { exportFormats, type ExportFormat } from '#lib/pipelines';
import { CriticalProcesses } from '../shared/http/critical-processes.js';

/** Body of `POST /pipelines/export`: a template with parameters, or a specification. */
export class ExportPipelineDto {
  @ApiPropertyOptional({ example: 'aggregated', description: 'One of GET /pipelines/templates.' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  readonly template?: string;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { intervalSeconds: 30 } })
  @IsOptional()
  @IsObject()
  readonly parameters?: Record<string, unknown>;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description: 'A specification, in place of a template.',
  })
  @IsOptional()
  @IsObject()
  readonly spec?: Record<string, unknown>;

  @ApiProperty({ enum: exportFormats })
  @IsIn(exportFormats)
  readonly format!: ExportFormat;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description:
      'A destination: otlp, prometheusRemoteWrite, newRelic, datadog or grafanaCloud. Its secrets are references.',
    example: {
      kind: 'newRelic',
      region: 'eu',
      apiKey: { kubernetesSecret: { name: 'new-relic', key: 'license-key' } },
    },
  })
  @IsOptional()
  @IsObject()
  readonly destination?: Record<string, unknown>;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Name, namespace and image of the workload.',
    example: { name: 'phoenix-pipeline', namespace: 'phoenix' },
  })
  @IsOptional()
  @IsObject()
  readonly placement?: Record<string, unknown>;

  @CriticalProcesses()
  readonly criticalProcesses?: string[];
}
