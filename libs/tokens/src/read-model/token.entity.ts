import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TokenAccess } from '#libs/contracts';
import { instantColumn } from './instant-column.js';
import type { TokenColumns } from './token-columns.js';

const instant = { type: 'timestamptz', transformer: instantColumn } as const;

/** A token, as the projection `tokens` keeps it. Named like the columns, so that one mapping serves both ways of reading. */
@Entity({ schema: 'read_model', name: 'tokens', synchronize: false })
export class TokenEntity implements TokenColumns {
  @PrimaryColumn('text')
  uid!: string;

  @Column('text')
  type!: TokenColumns['type'];

  @Column('text')
  owner_type!: TokenColumns['owner_type'];

  @Column('text')
  owner_uid!: string;

  @Column('text')
  handle!: string;

  @Column('text')
  name!: string;

  @Column('text')
  name_key!: string;

  @Column('text')
  description!: string;

  @Column('text')
  prefix!: string;

  @Column('text')
  status!: TokenColumns['status'];

  @Column('jsonb')
  access!: TokenAccess;

  @Column('text', { array: true })
  scopes!: string[];

  @Column('text', { array: true })
  projects!: string[];

  @Column('text', { nullable: true })
  environment!: string | null;

  @Column('text', { array: true, nullable: true })
  organizations!: string[] | null;

  @Column('text', { array: true, nullable: true })
  allowed_ips!: string[] | null;

  @Column(instant)
  created_at!: string;

  @Column('text')
  created_by_type!: TokenColumns['created_by_type'];

  @Column('text')
  created_by_uid!: string;

  @Column({ ...instant, nullable: true })
  expires_at!: string | null;

  @Column('text', { nullable: true })
  never_reason!: string | null;

  @Column({ ...instant, nullable: true })
  unused_since!: string | null;

  @Column({ ...instant, nullable: true })
  revoked_at!: string | null;

  @Column('text', { nullable: true })
  revoked_by_type!: TokenColumns['revoked_by_type'];

  @Column('text', { nullable: true })
  revoked_by_uid!: string | null;

  @Column('text', { nullable: true })
  revoke_reason!: string | null;

  @Column('jsonb')
  secret_versions!: TokenColumns['secret_versions'];

  @Column('text')
  custody!: TokenColumns['custody'];

  @Column('jsonb')
  metadata!: Record<string, string>;

  @Column('text')
  search!: string;

  @Column({ ...instant, nullable: true })
  last_used_hour!: string | null;
}
