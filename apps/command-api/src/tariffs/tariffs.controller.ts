import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { tariffs, type Tariff } from '#lib/domain';
import { Answers } from '../shared/openapi/answers.js';

/** Price lists, as data. */
@ApiTags('tariffs')
@Controller('tariffs')
export class TariffsController {
  @Get()
  @Answers(200, 'Tariffs')
  @ApiOperation({ summary: 'The price lists that come with Phoenix, each with its source and date.' })
  list(): { readonly items: readonly Tariff[] } {
    return { items: tariffs };
  }
}
