import type { Warning } from '../base/progress.ts';
import {
  copiedPrefix,
  doctorPrefix,
  indexPrefix,
  originPrefix,
  proofPrefix,
  prunedPrefix,
  readmeKey,
} from '../catalog/names.ts';

/**
 * The least rights for each kind of key, as IAM policies of AWS, which MinIO and others read too. A resource names the
 * keys of this format only (FORMAT.md "Names"): a push key cannot write proofs, a verify key no backups.
 */

export const policyRoles = ['push', 'pull', 'verify', 'prune', 'copy', 'fleet'] as const;
export type PolicyRole = (typeof policyRoles)[number];

export interface PolicyScope {
  readonly bucket: string;
  /** Without slashes around it; '' for the whole bucket. */
  readonly prefix: string;
  /** What is written carries a lock (`EFAKTUR_LOCK_DAYS`, `EFAKTUR_FULL_EVERY`); false for none. */
  readonly locks: { readonly days: number; readonly fullEveryDays: number } | false;
  /** For Amazon's own service; others know less of locks, or more of versions than is good. */
  readonly isAmazon?: boolean;
}

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

export interface PolicyDocument {
  readonly policy: Policy;
  readonly warnings: readonly Warning[];
}

/** A lifecycle configuration of S3. */
export interface LifecycleRules {
  readonly Rules: readonly object[];
}

/** Days as keys begin with them; `?` is any one character in an IAM resource. */
const days = '????-??-??/*';
const indexes = `${indexPrefix}*`;

/** What a session of AWS or MinIO, and an inline policy of a user, takes at most. */
const maxPolicyChars = 2048;

const remainingDays = 's3:object-lock-remaining-retention-days';

/**
 * The policy to give a key of one role for one prefix. None lets anybody change a lock that is there: on Amazon's service
 * that takes s3:BypassGovernanceRetention, which none has. MinIO asks for no more than s3:PutObjectRetention; but only for a
 * lock that is changed, not for that of a new object, it knows the days that remain, so their absence is the condition. It
 * also lets a put name the version that it replaces, which nothing here ever does.
 */
export function policyFor(
  role: PolicyRole,
  { bucket, prefix, locks, isAmazon = false }: PolicyScope,
): Policy {
  const below = prefix === '' ? '' : `${prefix}/`;
  const keys = (...patterns: string[]): string[] =>
    patterns.map((pattern) => `arn:aws:s3:::${bucket}/${literal(below)}${pattern}`);
  const allow = (
    Sid: string,
    Action: string[],
    Resource: string[],
    Condition?: Statement['Condition'],
  ): Statement => ({ Sid, Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) });
  const list = (...actions: string[]): Statement =>
    allow(
      'List',
      actions,
      [`arn:aws:s3:::${bucket}`],
      prefix === '' ? undefined : { StringLike: { 's3:prefix': `${literal(below)}*` } },
    );
  const put = (Sid: string, ...patterns: string[]): Statement =>
    allow(
      Sid,
      ['s3:PutObject'],
      keys(...patterns),
      isAmazon ? undefined : { StringNotLike: { 's3:versionid': '?*' } },
    );
  // What may be locked is what may be put: the right to put names the keys.
  const lock = locks
    ? [
        allow(
          'Lock',
          ['s3:PutObjectRetention'],
          keys('*'),
          isAmazon
            ? {
                NumericGreaterThanEquals: { [remainingDays]: `${locks.days}` },
                NumericLessThanEquals: { [remainingDays]: `${locks.days + locks.fullEveryDays + 1}` },
              }
            : { Null: { [remainingDays]: 'true' } },
        ),
      ]
    : [];
  const tryLock = allow('TryLock', ['s3:PutObjectRetention'], keys(`${doctorPrefix}*`), {
    NumericLessThanEquals: { [remainingDays]: '1' },
  });
  // Uploads that were cut off. Amazon may not tell the prefix where it checks this right; MinIO refuses a policy that narrows
  // it, and removes such uploads by itself.
  const endUploads = allow(
    'EndUploads',
    ['s3:ListBucketMultipartUploads', 's3:AbortMultipartUpload'],
    [`arn:aws:s3:::${bucket}`, ...keys('*')],
    prefix === '' ? undefined : { StringLikeIfExists: { 's3:prefix': `${literal(below)}*` } },
  );
  const read = [
    list('s3:ListBucket', 's3:ListBucketVersions'),
    allow(
      'Read',
      [
        's3:GetObject',
        's3:GetObjectVersion',
        ...(role === 'prune' ? ['s3:GetObjectRetention', 's3:GetObjectLegalHold'] : []),
      ],
      keys('*'),
    ),
  ];
  const backups = [days, indexes, readmeKey, `${originPrefix}*`];
  const statements: Record<PolicyRole, Statement[]> = {
    push: [
      list('s3:ListBucket'),
      put('Write', ...backups, `${doctorPrefix}*`),
      allow('Abort', ['s3:AbortMultipartUpload'], keys('*')),
      ...lock,
      ...(locks && isAmazon ? [tryLock] : []),
    ],
    pull: read,
    verify: [...read, put('Prove', `${proofPrefix}*`), ...lock],
    prune: [
      ...read,
      allow(
        'Delete',
        ['s3:DeleteObject', 's3:DeleteObjectVersion'],
        keys(days, indexes, `${prunedPrefix}*`, `${proofPrefix}*`, `${doctorPrefix}*`),
      ),
      put('Note', `${prunedPrefix}*`),
      ...lock,
    ],
    copy: [
      ...read,
      put('Write', ...backups, `${copiedPrefix}*`),
      allow('Abort', ['s3:AbortMultipartUpload'], keys('*')),
      ...lock,
    ],
    // All prefixes of the scope, however deep: a `*` stands for slashes, too.
    fleet: [
      list('s3:ListBucket', 's3:ListBucketVersions'),
      allow(
        'ReadNotes',
        ['s3:GetObject', 's3:GetObjectVersion'],
        keys(`*${originPrefix}*`, '*????-??-??/*.json'),
      ),
    ],
  };
  const least: Policy = { Version: '2012-10-17', Statement: statements[role] };
  if (role === 'pull' || role === 'verify' || role === 'fleet' || !(isAmazon || prefix === '')) return least;
  // Without this right the lifecycle rule does the same, so of all it may be missing.
  const whole: Policy = { ...least, Statement: [...least.Statement, endUploads] };
  return JSON.stringify(whole).length <= maxPolicyChars ? whole : least;
}

/** In a policy `*` and `?` are patterns and `$` begins a variable. */
const literal = (text: string): string => text.replace(/[*?$]/g, (c) => `\${${c}}`);

/**
 * The lifecycle rules to set on the bucket: uploads that were cut off, of which nobody knows the id any more, and test
 * objects of `doctor` that its key may not delete. MinIO removes such uploads by itself and refuses the first rule.
 */
export function lifecycleRules({ prefix }: Pick<PolicyScope, 'prefix'>): LifecycleRules {
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
