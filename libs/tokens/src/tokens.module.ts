import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { CreateTokenController } from './create-token/create-token.controller.js';
import { CreateTokenHandler } from './create-token/create-token.handler.js';
import { LimitCandidates } from './create-token/limit-candidates.js';
import { DisableTokenController } from './disable-token/disable-token.controller.js';
import { DisableTokenHandler } from './disable-token/disable-token.handler.js';
import { EnableTokenController } from './enable-token/enable-token.controller.js';
import { EnableTokenHandler } from './enable-token/enable-token.handler.js';
import { ExpireTokenHandler } from './expire-tokens/expire-token.handler.js';
import { ExpireTokensJob } from './expire-tokens/expire-tokens.job.js';
import { ClearUnusedFlagsJob } from './flag-unused-tokens/clear-unused-flags.job.js';
import { ClearUnusedTokenHandler } from './flag-unused-tokens/clear-unused-token.handler.js';
import { FlagUnusedTokenHandler } from './flag-unused-tokens/flag-unused-token.handler.js';
import { FlagUnusedTokensJob } from './flag-unused-tokens/flag-unused-tokens.job.js';
import { UnusedSweeps } from './flag-unused-tokens/unused-sweeps.js';
import { GetTokenUsageController } from './get-token-usage/get-token-usage.controller.js';
import { GetTokenUsageHandler } from './get-token-usage/get-token-usage.handler.js';
import { GetTokenController } from './get-token/get-token.controller.js';
import { GetTokenHandler } from './get-token/get-token.handler.js';
import { ListTokensController } from './list-tokens/list-tokens.controller.js';
import { ListTokensHandler } from './list-tokens/list-tokens.handler.js';
import { RevokeTokenController } from './revoke-token/revoke-token.controller.js';
import { RevokeTokenHandler } from './revoke-token/revoke-token.handler.js';
import { TokenAnswers } from './token-answers.js';
import { TokenChanges } from './token-changes.js';
import { TokenHasher } from './token-hasher.js';
import { TokenMint } from './token-mint.js';
import { UpdateTokenController } from './update-token/update-token.controller.js';
import { UpdateTokenHandler } from './update-token/update-token.handler.js';

const JOBS = [ExpireTokensJob, FlagUnusedTokensJob, ClearUnusedFlagsJob];

/**
 * Tokens: made, changed, ended, listed. The app provides, globally: EventLog, StreamRepository, Clock, the DataSource
 * with TOKEN_ENTITIES, TokenSecrets, SettingsReader and OwnerReader.
 */
@Module({
  imports: [CqrsModule],
  controllers: [
    CreateTokenController,
    ListTokensController,
    GetTokenController,
    UpdateTokenController,
    RevokeTokenController,
    DisableTokenController,
    EnableTokenController,
    GetTokenUsageController,
  ],
  providers: [
    TokenHasher,
    TokenMint,
    TokenAnswers,
    TokenChanges,
    LimitCandidates,
    UnusedSweeps,
    CreateTokenHandler,
    UpdateTokenHandler,
    RevokeTokenHandler,
    DisableTokenHandler,
    EnableTokenHandler,
    ExpireTokenHandler,
    FlagUnusedTokenHandler,
    ClearUnusedTokenHandler,
    ListTokensHandler,
    GetTokenHandler,
    GetTokenUsageHandler,
    ...JOBS,
  ],
  exports: [TokenHasher, TokenMint, ...JOBS],
})
export class TokensModule {}
