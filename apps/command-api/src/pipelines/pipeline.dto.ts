import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { variantNames, type Variant } from '#lib/events';
import { ID_PATTERN, ID_RULE, IsLabels } from '../shared/http/validators.js';
import { CriticalProcesses } from '../shared/http/critical-processes.js';

/** What a version of a pipeline says: a template with its parameters, a specification, or a host's own YAML. */
export class PipelineContentDto {
  @ApiPropertyOptional({ example: 'topk', description: 'One of GET /pipelines/templates.' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  readonly template?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { k: 20 },
    description: 'Of a template: values that differ from their defaults.',
  })
  @IsOptional()
  @IsObject()
  readonly parameters?: Record<string, unknown>;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description: 'Instead of a template: source, ordered processors and destination. At most 64 KiB.',
  })
  @IsOptional()
  @IsObject()
  readonly spec?: Record<string, unknown>;

  @ApiPropertyOptional({
    description:
      'Instead of both: the collector configuration of a host, as it is. At most 256 KiB where it is stored.',
  })
  @IsOptional()
  @IsString()
  readonly yaml?: string;

  @ApiPropertyOptional({
    example: 'web-1',
    description:
      'Of YAML or a specification: the host whose collector it is for. Without one the collector that Phoenix pins counts.',
  })
  @IsOptional()
  @Matches(ID_PATTERN, { message: `forHost: ${ID_RULE}` })
  readonly forHost?: string;
}

/** Body of `POST /pipelines/validate`. */
export class ValidatePipelineDto extends PipelineContentDto {
  @ApiPropertyOptional({
    example: 'rec-1',
    description:
      'Of YAML: a recording on which its filters are tried. Those that match nothing of it or all of it are found.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  readonly recording?: string;

  @ApiPropertyOptional({
    enum: variantNames,
    description: 'Of YAML: what it is to be in an experiment. What stands in its way there is then an error.',
  })
  @IsOptional()
  @IsIn(variantNames)
  readonly as?: Variant;
}

/** Text that people write and PostgreSQL keeps. */
const STORABLE = /^[^\0\p{Cs}]*$/u;
const STORABLE_RULE = '$property must not hold NUL or half of a surrogate pair';

/** Body of `POST /pipelines`: the pipeline with its first version. */
export class CreatePipelineDto extends PipelineContentDto {
  @ApiProperty({ minLength: 1, maxLength: 120, example: 'Top 20 processes' })
  @IsString()
  @Length(1, 120)
  @Matches(STORABLE, { message: STORABLE_RULE })
  readonly name!: string;

  @ApiPropertyOptional({ maxLength: 2000 })
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  @Matches(STORABLE, { message: STORABLE_RULE })
  readonly description?: string;
}

/** Body of `POST /pipelines/{id}/deprecate`. */
export class DeprecatePipelineDto {
  @ApiProperty({ minLength: 1, maxLength: 500, example: 'Loses short-lived processes; use Top 50' })
  @IsString()
  @Length(1, 500)
  @Matches(STORABLE, { message: STORABLE_RULE })
  readonly reason!: string;
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

  @CriticalProcesses()
  readonly criticalProcesses?: string[];
}
