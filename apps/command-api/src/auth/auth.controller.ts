import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { CurrentActor, Public, type Principal } from '#lib/platform';
import { Answers } from '../shared/openapi/answers.js';
import type { LoginAnswer, User } from '../shared/views/user.view.js';
import { AuthService } from './auth.service.js';
import { LoginDto } from './login.dto.js';

@ApiTags('auth')
@Controller('auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  @Post('login')
  @HttpCode(200)
  @Public()
  @ApiSecurity({})
  @Answers(200, 'LoginAnswer')
  @ApiOperation({ summary: 'Exchanges email and password for a token.' })
  login(@Body() body: LoginDto): Promise<LoginAnswer> {
    return this.auth.login(body);
  }

  @Get('me')
  @Answers(200, 'User')
  @ApiOperation({ summary: 'The person behind the token.' })
  me(@CurrentActor() principal: Principal): Promise<User> {
    return this.auth.whoIs(principal);
  }
}
