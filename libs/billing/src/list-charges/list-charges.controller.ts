import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type Principal, refuse } from '#libs/contracts';
import { ApiResponses, Caller, Requires, UidParam, type Written } from '#libs/http';
import { isUid } from '#libs/kernel';
import { FEED_MEDIA_TYPES, feedAnswer, untilClosed } from './feed-answer.js';
import { ChargeEventDto, FeedQueryDto } from './list-charges.dto.js';
import { type FeedScope, ListCharges } from './list-charges.query.js';

/** What the three feeds are called with. */
interface FeedCall {
  readonly principal: Principal;
  readonly page: FeedQueryDto;
  readonly reply: FastifyReply;
}

@ApiTags('Billing')
@Controller('v1')
export class ListChargesController {
  constructor(private readonly queries: QueryBus) {}

  /**
   * The charges and reversals of an organization, oldest first, as a bare array of CloudEvents, or one a line where
   * `Accept` prefers that. `Link` leads to the next page, also from an empty one. For its admins and billing, and for the roles of the instance.
   */
  @Get('organizations/:uid/charges')
  @Requires('billing:read')
  @ApiProduces(...FEED_MEDIA_TYPES)
  @ApiOkResponse({ type: ChargeEventDto, isArray: true })
  @ApiResponses('not_found', 'permission_denied', 'invalid_cursor')
  ofOrganization(
    @Caller() principal: Principal,
    @Param() { uid }: UidParam,
    @Query() page: FeedQueryDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Written<Buffer>> {
    if (!isUid(uid, 'org')) throw refuse('not_found');
    return this.answer(`/v1/organizations/${uid}/charges`, { accountUid: uid }, { principal, page, reply });
  }

  /** The charges and reversals of any account, one's own personal credits included; like those of an organization. */
  @Get('accounts/:uid/charges')
  @Requires('billing:read')
  @ApiProduces(...FEED_MEDIA_TYPES)
  @ApiOkResponse({ type: ChargeEventDto, isArray: true })
  @ApiResponses('not_found', 'permission_denied', 'invalid_cursor')
  ofAccount(
    @Caller() principal: Principal,
    @Param() { uid }: UidParam,
    @Query() page: FeedQueryDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Written<Buffer>> {
    return this.answer(`/v1/accounts/${uid}/charges`, { accountUid: uid }, { principal, page, reply });
  }

  /** The charges and reversals of all organizations; for the roles of the instance. */
  @Get('charges')
  @Requires('billing:read')
  @ApiProduces(...FEED_MEDIA_TYPES)
  @ApiOkResponse({ type: ChargeEventDto, isArray: true })
  @ApiResponses('permission_denied', 'invalid_cursor')
  ofAll(
    @Caller() principal: Principal,
    @Query() page: FeedQueryDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Written<Buffer>> {
    return this.answer('/v1/charges', 'organizations', { principal, page, reply });
  }

  private async answer(path: string, scope: FeedScope, call: FeedCall): Promise<Written<Buffer>> {
    const { principal, page, reply } = call;
    const feed = await this.queries.execute(new ListCharges(principal, scope, page, untilClosed(reply)));
    return feedAnswer({ feed, path, page, reply });
  }
}
