import type { Command } from 'commander';
import type { Accepted, EnrolmentTokenAnswer, NewEnrolmentTokenAnswer } from '#lib/client';
import { pairs, wholeNumber } from './experiment/values.js';
import { openSession } from './session.js';
import { print, table, type Terminal } from './terminal.js';

interface CreateOptions {
  readonly uses: string;
  readonly within: string;
  readonly label?: readonly string[];
  readonly site?: string;
}

/** `phoenix fleet token create|list|revoke` and `phoenix fleet rotate|revoke <host>`: who may come in, and who no longer. */
export function addFleetAccess(fleet: Command, terminal: () => Terminal): void {
  const token = fleet.command('token').description('tokens with which hosts enrol');
  token
    .command('create')
    .description('make a token; it is shown once')
    .option('--uses <n>', 'how many hosts it lets in', '1')
    .option('--within <seconds>', 'it expires after this long', '3600')
    .option('--label <key=value...>', 'every host that it lets in gets these')
    .option('--site <name>', 'where those hosts stand')
    .action((options: CreateOptions) => create(terminal(), options));
  token
    .command('list')
    .description('tokens with the hosts that each let in, newest first')
    .action(async () => {
      const session = await openSession();
      const { items } = await session.get<{ readonly items: readonly EnrolmentTokenAnswer[] }>(TOKENS);
      print(terminal(), items, () =>
        table(['ID', 'STATE', 'USES', 'EXPIRES', 'MADE BY', 'HOSTS'], items.map(tokenRow)),
      );
    });
  token
    .command('revoke <id>')
    .description('let nobody in by it any more; hosts that are in stay in')
    .action(async (id: string) => {
      const session = await openSession();
      const answer = await session.send<EnrolmentTokenAnswer>(
        'DELETE',
        `${TOKENS}/${encodeURIComponent(id)}`,
      );
      print(
        terminal(),
        answer,
        () => `${id} is revoked; it let in ${answer.uses.length} of ${answer.maxUses}`,
      );
    });
  fleet
    .command('rotate <host>')
    .description('get a host a new credential, by itself; the old one is refused once the new one is in use')
    .option('--reason <text>', 'why; it stays on record')
    .action(async (host: string, { reason }: { readonly reason?: string }) => {
      const session = await openSession();
      const body = reason === undefined ? {} : { reason };
      const path = `/fleet/hosts/${encodeURIComponent(host)}`;
      const answer = await session.post<Accepted>(`${path}/rotate`, { body });
      print(terminal(), answer, () =>
        [
          `${host} gets a new credential as soon as it is heard; until it uses that, the old one holds`,
          `look:   phoenix fleet, column ROTATES`,
          `never:  phoenix fleet revoke ${host}, and enrol it again`,
        ].join('\n'),
      );
    });
  fleet
    .command('revoke <host>')
    .description('shut a host out: its credential is refused and its connections are closed')
    .option('--reason <text>', 'why; it stays on record')
    .action(async (host: string, { reason }: { readonly reason?: string }) => {
      const session = await openSession();
      const body = reason === undefined ? {} : { reason };
      const answer = await session.post<Accepted>(`/fleet/hosts/${encodeURIComponent(host)}/revoke`, {
        body,
      });
      print(
        terminal(),
        answer,
        () => `${host} is shut out within seconds\nback:   enrol it again with a new token`,
      );
    });
}

const TOKENS = '/fleet/enrolment-tokens';

async function create(terminal: Terminal, { uses, within, label, site }: CreateOptions): Promise<void> {
  const body = {
    maxUses: wholeNumber('--uses', uses),
    expiresInSeconds: wholeNumber('--within', within),
    ...(label === undefined ? {} : { labels: pairs(label) }),
    ...(site === undefined ? {} : { site }),
  };
  const session = await openSession();
  const made = await session.post<NewEnrolmentTokenAnswer>(TOKENS, { body });
  print(terminal, made, () =>
    [
      `token:  ${made.token}`,
      `lets in ${made.maxUses} until ${made.expiresAt}; it is not shown again`,
      `undo:   phoenix fleet token revoke ${made.id}`,
    ].join('\n'),
  );
}

function tokenRow(token: EnrolmentTokenAnswer): readonly string[] {
  const { id, state, uses, maxUses, expiresAt, createdBy } = token;
  const hosts = uses.map(({ host }) => host).join(' ');
  return [id, state, `${uses.length}/${maxUses}`, expiresAt, createdBy, hosts];
}
