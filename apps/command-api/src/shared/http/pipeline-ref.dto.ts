import { ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { Equals, IsInt, IsObject, IsString, MaxLength, Min } from 'class-validator';

/** A built-in template with its parameters. */
export class TemplateRefDto {
  @ApiProperty({ enum: ['template'] })
  @Equals('template')
  readonly kind!: 'template';

  @ApiProperty({ example: 'topk', description: 'One of GET /pipelines/templates.' })
  @IsString()
  @MaxLength(64)
  readonly template!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { k: 20 },
    description: 'Values of the parameters that differ from their defaults.',
  })
  @IsObject()
  readonly parameters!: Record<string, unknown>;
}

/** One published version of a pipeline of the catalogue. */
export class PipelineVersionRefDto {
  @ApiProperty({ enum: ['pipeline'] })
  @Equals('pipeline')
  readonly kind!: 'pipeline';

  @ApiProperty({ example: 'top-20' })
  @IsString()
  @MaxLength(64)
  readonly pipelineId!: string;

  @ApiProperty({ type: 'integer', minimum: 1, example: 1 })
  @IsInt()
  @Min(1)
  readonly version!: number;
}

export type PipelineRefDto = TemplateRefDto | PipelineVersionRefDto;

/** A reference of either kind, as the API reference shows it; the models need `ApiExtraModels`. */
export const pipelineRefSchema = {
  oneOf: [{ $ref: getSchemaPath(TemplateRefDto) }, { $ref: getSchemaPath(PipelineVersionRefDto) }],
};

/** Turns a plain reference into the class of its kind, so that validation knows which fields belong to it. */
export function toPipelineRef({ value }: { readonly value: unknown }): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const target =
    'kind' in value && value.kind === 'pipeline' ? new PipelineVersionRefDto() : new TemplateRefDto();
  return Object.assign(target, value);
}
