import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { EventLog } from '#libs/event-log';
import { AccountReadModel } from './account-ledger/account-read-model.js';
import { ChargeAccountController } from './charge-account/charge-account.controller.js';
import { ChargeAccountHandler } from './charge-account/charge-account.handler.js';
import { NamedTokenReader } from './charge-account/named-token-reader.js';
import { GetAccountController } from './get-account/get-account.controller.js';
import { GetAccountHandler } from './get-account/get-account.handler.js';
import { GrantCreditsController } from './grant-credits/grant-credits.controller.js';
import { GrantCreditsHandler } from './grant-credits/grant-credits.handler.js';
import { FeedSource } from './list-charges/feed-source.js';
import { ListChargesController } from './list-charges/list-charges.controller.js';
import { ListChargesHandler } from './list-charges/list-charges.handler.js';
import { AccountTables } from './read-model/account-tables.js';
import { ChargeReader } from './reverse-charge/charge-reader.js';
import { ReverseChargeController } from './reverse-charge/reverse-charge.controller.js';
import { ReverseChargeHandler } from './reverse-charge/reverse-charge.handler.js';
import { UpdateAccountController } from './update-account/update-account.controller.js';
import { UpdateAccountHandler } from './update-account/update-account.handler.js';

const controllers = [
  GetAccountController,
  UpdateAccountController,
  GrantCreditsController,
  ChargeAccountController,
  ReverseChargeController,
  ListChargesController,
];

const handlers = [
  GetAccountHandler,
  UpdateAccountHandler,
  GrantCreditsHandler,
  ChargeAccountHandler,
  ReverseChargeHandler,
  ListChargesHandler,
];

/**
 * Accounts, grants, charges and their feeds. Expects from the app, globally: the one `AccountLedger` of the process,
 * `EventLog`, `Clock`, `ReadModelProgress`, TypeORM's `DataSource` with `BILLING_ENTITIES`, and the command and query bus.
 */
@Module({
  controllers,
  providers: [
    ...handlers,
    ChargeReader,
    NamedTokenReader,
    FeedSource,
    {
      provide: AccountReadModel,
      useFactory: (source: DataSource, log: EventLog) => new AccountTables(source, log),
      inject: [DataSource, EventLog],
    },
  ],
})
export class BillingModule {}
