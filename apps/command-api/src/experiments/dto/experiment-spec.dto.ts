import { ApiExtraModels, ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsNotEmptyObject,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { guardrailSchema, type Guardrail } from '#lib/events';
import {
  pipelineRefSchema,
  PipelineVersionRefDto,
  TemplateRefDto,
  toPipelineRef,
  type PipelineRefDto,
} from '../../shared/http/pipeline-ref.dto.js';
import { ID_PATTERN, ID_RULE, IsLabels } from '../../shared/http/validators.js';
import { LimitsDto } from './limits.dto.js';
import { ScheduleDto } from './schedule.dto.js';
import { CriticalProcesses } from '../../shared/http/critical-processes.js';

const guardrailKpis = guardrailSchema.shape.kpi.options;

/** Hosts by id, or by labels and site (all must match). */
export class TargetsDto {
  @ApiPropertyOptional({ type: [String], example: ['web-1'] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10_000)
  @ArrayUnique()
  @Matches(ID_PATTERN, { each: true, message: `each value in hosts: ${ID_RULE}` })
  readonly hosts?: string[];

  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' }, example: { role: 'web' } })
  @IsOptional()
  @IsLabels()
  readonly labels?: Record<string, string>;

  @ApiPropertyOptional({ example: 'fra-1' })
  @IsOptional()
  @IsString()
  @Length(1, 120)
  readonly site?: string;
}

/** What must not get worse by more than a margin. */
export class GuardrailDto implements Guardrail {
  @ApiProperty({ enum: guardrailKpis })
  @IsIn(guardrailKpis)
  readonly kpi!: Guardrail['kpi'];

  @ApiProperty({ minimum: 0, maximum: 10, example: 0.1, description: 'A share: 0.1 allows 10 % worse.' })
  @IsNumber()
  @Min(0)
  @Max(10)
  readonly margin!: number;
}

/** When the candidate has won. */
export class SuccessDto {
  @ApiProperty({ enum: ['activeSeries'] })
  @IsIn(['activeSeries'])
  readonly kpi!: 'activeSeries';

  @ApiProperty({ minimum: 0, maximum: 1, example: 0.3, description: 'Least reduction, as a share.' })
  @IsNumber()
  @Min(0)
  @Max(1)
  readonly minimumReduction!: number;
}

/** Body of `POST /experiments`. What is left out takes the default that the description names. */
@ApiExtraModels(TemplateRefDto, PipelineVersionRefDto)
export class DraftExperimentDto {
  @ApiProperty({ minLength: 1, maxLength: 120, example: 'Top 20 processes on web hosts' })
  @IsString()
  @Length(1, 120)
  readonly name!: string;

  @ApiPropertyOptional({ ...pipelineRefSchema, description: 'Default: the template `baseline`.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Transform(toPipelineRef)
  readonly baseline?: PipelineRefDto;

  @ApiProperty(pipelineRefSchema)
  @IsObject()
  @ValidateNested()
  @Transform(toPipelineRef)
  readonly candidate!: PipelineRefDto;

  @ApiProperty({ type: TargetsDto, description: 'At least one of hosts, labels and site.' })
  @IsNotEmptyObject({ nullable: false }, { message: 'targets names no hosts, labels or site' })
  @ValidateNested()
  @Type(() => TargetsDto)
  readonly targets!: TargetsDto;

  @ApiPropertyOptional({
    type: ScheduleDto,
    description: 'Default: 60 s warm-up, 10 minutes to 1 hour of measurement, 5 minutes to deploy.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ScheduleDto)
  readonly schedule?: ScheduleDto;

  @CriticalProcesses()
  readonly criticalProcesses?: string[];

  @ApiPropertyOptional({
    type: [GuardrailDto],
    description:
      'Default: every critical process stays; the candidate collector uses at most half more CPU or memory.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @ValidateNested({ each: true })
  @Type(() => GuardrailDto)
  readonly guardrails?: GuardrailDto[];

  @ApiPropertyOptional({ type: SuccessDto, description: 'Default: at least 20 % fewer active series.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => SuccessDto)
  readonly success?: SuccessDto;

  @ApiPropertyOptional({ minimum: 0.5, maximum: 0.999, description: 'Default: 0.95.' })
  @IsOptional()
  @IsNumber()
  @Min(0.5)
  @Max(0.999)
  readonly confidence?: number;

  @ApiPropertyOptional({ description: 'One of GET /tariffs; default: the first of them.' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  readonly tariff?: string;

  @ApiPropertyOptional({
    type: LimitsDto,
    description:
      'Limits of the candidate on each host; what is left out takes the default. Without it the defaults of hosts hold.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => LimitsDto)
  readonly limits?: LimitsDto;
}

/** Body of `PATCH /experiments/{id}`. */
export class ReviseExperimentDto extends PartialType(DraftExperimentDto) {}

/** Body of `POST /experiments/{id}/clone`: what shall differ, like a revision. */
export class CloneExperimentDto extends PartialType(DraftExperimentDto) {}
