import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DataSource, In } from 'typeorm';
import { hasInstanceRole, type Principal } from '#libs/contracts';
import { StreamRepository } from '#libs/event-log';
import { assert } from '#libs/kernel';
import { loadOrganization, loadUser, readerOf } from '../directory-streams.js';
import type { Organization } from '../domain/organization.js';
import type { User } from '../domain/user.js';
import { OrganizationEntity } from '../read-model/organization.entity.js';
import { UserEntity } from '../read-model/user.entity.js';
import type { CallerMembershipDto, CallerUserDto, MeDto } from './get-me.dto.js';
import { GetMe } from './get-me.query.js';

type Named = Pick<Organization, 'uid' | 'handle' | 'name'>;

/**
 * Roles and memberships are those of the principal, which are never stale; the names come from the read model and,
 * where it has not come so far yet, from the log. So a user that was made a moment ago is told who it is at once.
 */
@QueryHandler(GetMe)
export class GetMeHandler implements IQueryHandler<GetMe> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly streams: StreamRepository,
  ) {}

  async execute({ principal }: GetMe): Promise<MeDto> {
    const { actor, token, instanceRoles, userUid } = principal;
    const { uid, prefix, type, expiresAt, scopes, access } = token;
    return {
      actor,
      ...(userUid === null ? {} : { user: await this.user(userUid) }),
      token: { uid, prefix, type, expiresAt },
      scopes,
      access,
      instanceRoles,
      organizations: await this.organizations(principal),
      permissions: hasInstanceRole(principal, 'admin') ? ['CREATE_API_TOKEN'] : [],
    };
  }

  private async user(userUid: string): Promise<CallerUserDto> {
    const row: User | null = await this.dataSource.getRepository(UserEntity).findOneBy({ uid: userUid });
    const user = row ?? (await loadUser(readerOf(this.streams), userUid));
    assert(user !== null, 'the user of a principal exists');
    return { uid: userUid, handle: user.handle, email: user.email, name: user.name };
  }

  private async organizations({ memberships }: Principal): Promise<CallerMembershipDto[]> {
    const uids = [...memberships.keys()];
    const rows = await this.dataSource.getRepository(OrganizationEntity).findBy({ uid: In(uids) });
    const byUid = new Map<string, Named>(rows.map((row) => [row.uid, row]));
    const own: CallerMembershipDto[] = [];
    for (const [uid, role] of memberships) {
      const organization = byUid.get(uid) ?? (await loadOrganization(readerOf(this.streams), uid));
      assert(organization !== null, 'the organization of a membership exists');
      own.push({ uid, handle: organization.handle, name: organization.name, role });
    }
    return own.sort((a, b) => (a.handle < b.handle ? -1 : 1));
  }
}
