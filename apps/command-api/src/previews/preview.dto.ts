import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  Equals,
  IsArray,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { FleetDto } from '../shared/recordings/fleet.dto.js';
import { PipelineVersionRefDto, TemplateRefDto, toPipelineRef } from '../shared/http/pipeline-ref.dto.js';
import { CriticalProcesses } from '../shared/http/critical-processes.js';

/** A specification written by hand, as a canvas holds it. */
export class SpecRefDto {
  @ApiProperty({ enum: ['spec'] })
  @Equals('spec')
  readonly kind!: 'spec';

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'A pipeline specification.' })
  @IsObject()
  readonly spec!: Record<string, unknown>;
}

export type PreviewSourceDto = TemplateRefDto | PipelineVersionRefDto | SpecRefDto;

function toSource(given: { readonly value: unknown }): unknown {
  const { value } = given;
  const isSpec = typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'spec';
  return isSpec ? Object.assign(new SpecRefDto(), value) : toPipelineRef(given);
}

const sourceSchema = {
  oneOf: [TemplateRefDto, PipelineVersionRefDto, SpecRefDto].map((model) => ({ $ref: getSchemaPath(model) })),
};

/** Body of `POST /pipelines/preview`. */
@ApiExtraModels(TemplateRefDto, PipelineVersionRefDto, SpecRefDto)
export class PreviewDto {
  @ApiProperty(sourceSchema)
  @IsObject()
  @ValidateNested()
  @Transform(toSource)
  readonly baseline!: PreviewSourceDto;

  @ApiProperty(sourceSchema)
  @IsObject()
  @ValidateNested()
  @Transform(toSource)
  readonly candidate!: PreviewSourceDto;

  @ApiPropertyOptional({ description: 'A stored recording; without one the fleet is played.' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  readonly recording?: string;

  @ApiPropertyOptional({
    description:
      'Stored recordings of different hosts, played as one fleet; with as many windows of the same length.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(64, { each: true })
  readonly recordings?: string[];

  @ApiPropertyOptional({ type: FleetDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => FleetDto)
  readonly fleet?: FleetDto;

  @ApiPropertyOptional({ example: 'grafana-cloud-pro', description: 'One of GET /tariffs.' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  readonly tariff?: string;

  @CriticalProcesses()
  readonly criticalProcesses?: string[];
}

/** Query of `POST /pipelines/preview`. */
export class PreviewFormatDto {
  @ApiPropertyOptional({ enum: ['json', 'md'], default: 'json' })
  @IsOptional()
  @IsIn(['json', 'md'])
  readonly format?: 'json' | 'md';
}
