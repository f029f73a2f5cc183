import { Command } from 'commander';

/** Only commander is loaded to begin with: whoever asks for help or mistypes is answered at once. */
const program = new Command('tokenledger').description('Tools for whoever runs a token ledger.');

program
  .command('mint-token')
  .description('print a fresh token string, for INIT_ADMIN_API_TOKENS')
  .option('--kind <type>', 'type of the token', 'admin')
  .action(async ({ kind }: { kind: string }) => {
    const { mintToken } = await import('./mint-token.js');
    process.stdout.write(`${mintToken(kind, process.env)}\n`);
  });

program
  .command('rebuild')
  .description('fill the read models anew from the event log, also while a server is running')
  .argument('[projection...]', 'names of read models; all of them when none is named')
  .action(async (names: string[]) => {
    const { rebuild } = await import('./rebuild.js');
    await rebuild(names, process.env);
  });

program
  .command('migrate-log')
  .description('copy the whole event log from one store to another, and compare both; no server may be running')
  .option('--from <store>', 'postgres (the one of DATABASE_URL, or the embedded one), postgres://… or esdb://…')
  .option('--to <store>', 'the same; esdb is the one of EVENT_STORE_URL')
  .action(async (stores: { from?: string; to?: string }) => {
    const { migrateLog } = await import('./migrate-log.js');
    await migrateLog(stores, process.env);
  });

try {
  await program.parseAsync();
} catch (error) {
  const { explain } = await import('./explain.js');
  console.error(explain(error));
  process.exitCode = 1;
}
