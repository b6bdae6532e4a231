import { doctorPrefix, originPrefix, readmeKey } from '../catalog/names.ts';
import { proofPrefix } from '../catalog/proofs.ts';
import { prunedPrefix } from './prune-notes.ts';

/**
 * The least rights for each kind of key, as IAM policies of AWS, which MinIO and others read too. A resource names the
 * keys of this format only (FORMAT.md "Names"): a push key cannot write proofs, a verify key no backups.
 */

export const policyRoles = ['push', 'pull', 'verify', 'prune'] as const;
export type PolicyRole = (typeof policyRoles)[number];

export interface PolicyScope {
  readonly bucket: string;
  /** Without slashes around it; '' for the whole bucket. */
  readonly prefix: string;
  /** Whether what is written carries a lock (`EFAKTUR_LOCK_DAYS`). */
  readonly locks: boolean;
}

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: { readonly StringLike: { readonly 's3:prefix': string } };
}

export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/** Days as keys begin with them; `?` is any one character in an IAM resource. */
const days = '????-??-??/*';
const indexes = 'index/*';

/** The policy to give a key of one role for one prefix. */
export function policyFor(role: PolicyRole, { bucket, prefix, locks }: PolicyScope): Policy {
  const below = prefix === '' ? '' : `${prefix}/`;
  const keys = (...patterns: string[]): string[] =>
    patterns.map((pattern) => `arn:aws:s3:::${bucket}/${literal(below)}${pattern}`);
  const allow = (Sid: string, Action: string[], Resource: string[]): Statement => ({
    Sid,
    Effect: 'Allow',
    Action,
    Resource,
  });
  const list = (...actions: string[]): Statement => ({
    ...allow('List', actions, [`arn:aws:s3:::${bucket}`]),
    ...(prefix !== '' && { Condition: { StringLike: { 's3:prefix': `${literal(below)}*` } } }),
  });
  const put = ['s3:PutObject', ...(locks ? ['s3:PutObjectRetention'] : [])];
  const read = [
    list('s3:ListBucket', 's3:ListBucketVersions'),
    allow('Read', ['s3:GetObject', 's3:GetObjectVersion'], keys('*')),
  ];
  const statements: Record<PolicyRole, Statement[]> = {
    push: [
      list('s3:ListBucket'),
      allow(
        'Write',
        [...put, 's3:AbortMultipartUpload'],
        keys(days, indexes, readmeKey, `${originPrefix}*`, `${doctorPrefix}*`),
      ),
    ],
    pull: read,
    verify: [...read, allow('Prove', put, keys(`${proofPrefix}*`))],
    prune: [
      ...read,
      allow('SeeLocks', ['s3:GetObjectRetention', 's3:GetObjectLegalHold'], keys('*')),
      allow(
        'Delete',
        ['s3:DeleteObject', 's3:DeleteObjectVersion'],
        keys(days, indexes, `${prunedPrefix}*`, `${proofPrefix}*`, `${doctorPrefix}*`),
      ),
      allow('Note', put, keys(`${prunedPrefix}*`)),
    ],
  };
  return { Version: '2012-10-17', Statement: statements[role] };
}

/** In a policy `*` and `?` are patterns and `$` begins a variable. */
const literal = (text: string): string => text.replace(/[*?$]/g, (c) => `\${${c}}`);

/**
 * The lifecycle rules to set on the bucket: uploads that were cut off, of which nobody knows the id any more, and test
 * objects of `doctor` that its key may not delete. MinIO removes such uploads by itself and refuses the first rule.
 */
export function lifecycleRules({ prefix }: Pick<PolicyScope, 'prefix'>) {
  const below = prefix === '' ? '' : `${prefix}/`;
  return {
    Rules: [
      {
        ID: 'efaktur-cloud-abandoned-uploads',
        Status: 'Enabled',
        Filter: { Prefix: below },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      },
      {
        ID: 'efaktur-cloud-doctor',
        Status: 'Enabled',
        Filter: { Prefix: `${below}${doctorPrefix}` },
        Expiration: { Days: 1 },
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      },
    ],
  };
}
