import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { ID_PATTERN, ID_RULE, IsLabels } from '../shared/http/validators.js';

/** A template with its parameters: the content of a pipeline version. */
export class PipelineContentDto {
  @ApiProperty({ example: 'topk', description: 'One of GET /pipelines/templates.' })
  @IsString()
  @MaxLength(64)
  readonly template!: string;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { k: 20 } })
  @IsOptional()
  @IsObject()
  readonly parameters?: Record<string, unknown>;
}

/** Body of `POST /pipelines`: the pipeline with its first version. */
export class CreatePipelineDto extends PipelineContentDto {
  @ApiProperty({ minLength: 1, maxLength: 120, example: 'Top 20 processes' })
  @IsString()
  @Length(1, 120)
  readonly name!: string;

  @ApiPropertyOptional({ maxLength: 2000 })
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  readonly description?: string;
}

/** The host that a configuration is rendered for. */
export class RenderHostDto {
  @ApiProperty({ example: 'web-1' })
  @Matches(ID_PATTERN, { message: `id: ${ID_RULE}` })
  readonly id!: string;

  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' }, example: { role: 'web' } })
  @IsOptional()
  @IsLabels()
  readonly labels?: Record<string, string>;
}

/** Body of `POST /pipelines/render`. */
export class RenderPipelineDto extends PipelineContentDto {
  @ApiProperty({ type: RenderHostDto })
  @IsObject()
  @ValidateNested()
  @Type(() => RenderHostDto)
  readonly host!: RenderHostDto;

  @ApiPropertyOptional({ type: [String], example: ['nginx'] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(200)
  @IsString({ each: true })
  @Length(1, 255, { each: true })
  readonly criticalProcesses?: string[];
}
