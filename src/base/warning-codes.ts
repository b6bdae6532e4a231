import type { ErrorCode } from './errors.ts';

/**
 * Each event that a command tells of beside its result has one code, whichever command tells of it: what scripts go by
 * must not depend on who noticed.
 */
export const eventCodes = [
  // the settings
  'keys-readable',
  'not-notified',
  'not-scheduled',
  'not-set-up',
  'profile-beats-environment',
  'second-db',
  'shared-place',
  'state-left',
  // a push and what it read
  'archive-not-opened',
  'assumed-name',
  'being-written',
  'broken-program',
  'captured-inside',
  'clock-off',
  'damaged-stored',
  'default-timezone',
  'encrypted-database',
  'known-unusable',
  'left-out',
  'name-taken',
  'needs-recovery',
  'newer-than-capture',
  'no-common-instant',
  'not-synced',
  'older-than-capture',
  'program-not-stored',
  'program-unread',
  'restore-finished',
  'restore-undone',
  'rows-lost',
  'rows-not-compared',
  'same-disk',
  'synced-folder',
  'world-readable',
  'upload-left',
  // what lies in a store
  'after-now',
  'archive-missing',
  'dated-ahead',
  'debris',
  'foreign-keys',
  'late-uploads',
  'newest-missing',
  'note-unreadable',
  'over-the-limit',
  'proof-not-kept',
  'readme-changed',
  'readme-missing',
  'tampering',
  // runs of a schedule
  'log-not-written',
  'proof-elsewhere',
  'record-set-aside',
  'run-cut-off',
  'run-elsewhere',
  // how safe the books are
  'no-backup',
  'not-stored',
  'old-backup',
  'shrinking',
  'stub-db',
  'two-computers',
  'unproven',
  // what runs by itself
  'schedule-changed',
  'schedule-disabled',
  'schedule-fallback',
  'schedule-lacks-settings',
  'schedule-lingering',
  'schedule-missed',
  'schedule-not-started',
  'schedule-program',
  'schedule-twice',
  'schedule-zone',
  // what a key and a store can do
  'abort-denied',
  'changes-taken',
  'default-lock',
  'default-lock-short',
  'key-may-delete',
  'key-may-lift-locks',
  'key-may-lock-for-ever',
  'lock-not-held',
  'lock-short',
  'locks-unseen',
  'not-locked',
  'not-protected',
  'provider-differs',
  'push-only-key',
  'read-only-key',
  'versions-denied',
  // a restore and a look inside
  'database-not-in-backup',
  'incomplete',
  'log-broken',
  'not-of-the-backup',
  'not-shown',
  'newer-program',
  'older-program',
  'other-build',
  'other-schema',
  'rights-not-kept',
  'rows-after-recovery',
  'salvaged',
  'table-lost',
  'value-cut',
] as const;

export type EventCode = (typeof eventCodes)[number];

/** An event of its own, or the error that a store, a backup or a database was passed over with. */
export type WarningCode = EventCode | ErrorCode;

/** Whether this is an event of its own, which no error has as its code. */
export const isEvent = (code: WarningCode): code is EventCode => eventCodes.some((event) => event === code);
