/*
 * Derby's write-ahead log: the two control files and the records of `log<N>.dat`, read as they stream by, in memory that
 * does not depend on their length. Layout: Derby's LogToFile, LogRecord, CheckpointOperation, TransactionTable and
 * ChecksumOperation.
 */
import { crc32 } from 'node:zlib';
import { compressedInt, compressedIntSize, compressedLongSize, u16 } from './page.ts';

/** A place in the log. Files count from 1; file 0 means "nowhere". */
export interface LogInstant {
  readonly file: number;
  readonly position: number;
}

export interface LogControl {
  /** The last checkpoint: everything before it is in the tables' files. */
  readonly checkpoint: LogInstant;
  /** Of the stored format: a program older than this cannot open the database. */
  readonly major: number;
  readonly minor: number;
  /** The source revision of the Derby that wrote it last, such as 1704137 for 10.12.1.1; 0 when unknown. */
  readonly build: number;
}

export const logControlBytes = 48;

/** Reads log.ctrl or its mirror; null when it is not one or its checksum is wrong. */
export function parseLogControl(file: Buffer): LogControl | null {
  if (file.length !== logControlBytes) return null;
  if (
    file.readInt32BE(0) !== 128 ||
    file.readInt32BE(40) !== 0 ||
    file.readUInt32BE(44) !== crc32(file.subarray(0, 40))
  ) {
    return null;
  }
  return {
    checkpoint: { file: file.readUInt32BE(8), position: file.readUInt32BE(12) },
    major: file.readInt32BE(16),
    minor: file.readInt32BE(20),
    build: file.readInt32BE(24),
  };
}

/** One checkpoint record and what the recovery that starts from it would read. */
export interface Checkpoint {
  readonly position: number;
  /** Redo and undo begin at these; null when encrypted. */
  readonly redoFrom: LogInstant | null;
  readonly undoFrom: LogInstant | null;
  /** Transactions open at the checkpoint, its own included. */
  readonly transactions: number;
  /** Count of records of this file before it, those that only hold checksums left out. */
  readonly recordsBefore: number;
}

/** What one log file holds. */
export interface LogFileFacts {
  readonly number: number;
  /** False when the file does not begin as a log file of this number does. */
  readonly headerOk: boolean;
  readonly records: number;
  /** The last eight, newest last. */
  readonly lastRecords: readonly LogRecordFacts[];
  /** Of the file's checkpoints the watched one and the last ones. */
  readonly checkpoints: readonly Checkpoint[];
  /** `torn`: what follows the last good record is no record. */
  readonly ending: 'mark' | 'end-of-file' | 'torn';
  /** Where the records end. */
  readonly endsAt: number;
  /** The last stretches of records that do not match the checksum record before them. Mean nothing when encrypted. */
  readonly damagedStretches: readonly { readonly from: number; readonly to: number }[];
}

export interface LogRecordFacts {
  readonly position: number;
  /** `other` for all records of an encrypted database. */
  readonly kind: 'checkpoint' | 'checksum' | 'end' | 'other';
}

export interface LogScan {
  write(chunk: Buffer): void;
  end(): LogFileFacts;
}

/** The header of a log file, and a record's length and instant before its body. */
export const fileHeaderBytes = 24;
export const recordFrontBytes = 12;
/** Enough of a record's body to see what it is and to read a checkpoint's marks. */
const bodyHeadBytes = 64;
const kept = 8;

const opCheckpoint = 263;
/** Operation number of the record that ends a transaction. */
export const opEndTransaction = 102;
const opChecksum = 453;

/** Number of the log file of that name, or null. */
export function parseLogName(name: string): number | null {
  const m = /^log([1-9][0-9]{0,9})\.dat$/.exec(name);
  return m ? Number(m[1]) : null;
}

/** Walks the records of one log file. `watch` is the checkpoint to remember however many follow it. */
export function scanLogFile(number: number, watch: LogInstant | null): LogScan {
  // `need` bytes are collected in `held`; what is only to be passed over is counted down in `skip`.
  const held = Buffer.alloc(fileHeaderBytes + recordFrontBytes + bodyHeadBytes);
  let heldBytes = 0;
  let need = fileHeaderBytes;
  let stage: 'file' | 'front' | 'body' | 'tail' | 'done' = 'file';
  let skip = 0;
  let headerOk = false;
  let position = 0;
  let recordAt = fileHeaderBytes;
  let length = 0;
  let ending: LogFileFacts['ending'] = 'end-of-file';
  let kind: LogRecordFacts['kind'] = 'other';
  let records = 0;
  let realRecords = 0;
  const lastRecords: LogRecordFacts[] = [];
  const checkpoints: Checkpoint[] = [];
  let pendingCheckpoint: Pick<Checkpoint, 'redoFrom' | 'undoFrom' | 'transactions'> | null = null;
  let pendingSum: { crc: number; bytes: number } | null = null;
  let sum: { crc: number; left: number; expected: number; from: number } | null = null;
  const damagedStretches: { from: number; to: number }[] = [];

  const stop = (how: LogFileFacts['ending']): void => {
    ending = how;
    stage = 'done';
  };

  const recordDone = (): void => {
    records++;
    if (kind !== 'checksum') realRecords++;
    lastRecords.push({ position: recordAt, kind });
    if (lastRecords.length > kept) lastRecords.shift();
    if (pendingCheckpoint) {
      const wanted = watch?.file === number && watch.position === recordAt;
      if (checkpoints.length >= kept && !wanted) {
        const oldest = checkpoints.findIndex((c) => watch?.file !== number || c.position !== watch.position);
        checkpoints.splice(oldest, 1);
      }
      checkpoints.push({ ...pendingCheckpoint, position: recordAt, recordsBefore: realRecords - 1 });
    }
    recordAt = position;
    if (pendingSum && !sum)
      sum = { crc: 0, left: pendingSum.bytes, expected: pendingSum.crc, from: recordAt };
    pendingCheckpoint = null;
    pendingSum = null;
  };

  const step = (): void => {
    if (stage === 'file') {
      headerOk =
        held.readInt32BE(0) === 128 && held.readUInt32BE(8) === 0 && held.readUInt32BE(12) === number;
      if (!headerOk) {
        stop('torn');
        return;
      }
      stage = 'front';
      need = 4;
    } else if (stage === 'front' && need === 4) {
      length = held.readInt32BE(0);
      if (length === 0) {
        stop('mark');
        return;
      }
      if (length < 0) {
        stop('torn');
        return;
      }
      need = recordFrontBytes;
      return;
    } else if (stage === 'front') {
      if (held.readUInt32BE(4) !== number || held.readUInt32BE(8) !== recordAt) {
        stop('torn');
        return;
      }
      stage = 'body';
      need = Math.min(length, bodyHeadBytes);
    } else if (stage === 'body') {
      const body = held.subarray(0, heldBytes);
      kind = recordKind(body);
      if (kind === 'checkpoint') pendingCheckpoint = parseCheckpoint(body);
      if (kind === 'checksum') pendingSum = parseChecksum(body);
      skip = length - heldBytes;
      stage = 'tail';
      need = 4;
    } else {
      if (held.readInt32BE(0) !== length) {
        stop('torn');
        return;
      }
      recordDone();
      stage = 'front';
      need = 4;
    }
    heldBytes = 0;
  };

  const markDamaged = (from: number): void => {
    damagedStretches.push({ from, to: position });
    if (damagedStretches.length > kept) damagedStretches.shift();
  };

  /** Feeds the running checksum with bytes as they pass. */
  const digest = (chunk: Buffer, from: number, to: number): void => {
    if (!sum) return;
    const bytes = Math.min(to - from, sum.left);
    sum.crc = crc32(chunk.subarray(from, from + bytes), sum.crc);
    sum.left -= bytes;
    if (sum.left > 0) return;
    if (sum.crc !== sum.expected) markDamaged(sum.from);
    sum = null;
  };

  return {
    write(chunk) {
      let at = 0;
      while (at < chunk.length && stage !== 'done') {
        const from = at;
        if (skip > 0) {
          at += Math.min(skip, chunk.length - at);
          skip -= at - from;
        } else {
          const take = Math.min(need - heldBytes, chunk.length - at);
          chunk.copy(held, heldBytes, at, at + take);
          heldBytes += take;
          at += take;
        }
        position += at - from;
        digest(chunk, from, at);
        if (skip === 0 && heldBytes >= need) step();
      }
    },
    end() {
      // Fewer than four bytes after the last record are left over from Derby's own preallocation.
      if (stage !== 'done' && !(stage === 'front' && heldBytes < 4)) ending = 'torn';
      if (sum) markDamaged(sum.from);
      return {
        number,
        headerOk,
        records,
        lastRecords,
        checkpoints,
        ending,
        endsAt: recordAt,
        damagedStretches,
      };
    },
  };
}

/** Offset of the operation's format id in a record's body; 0 when the body does not look like a record (encrypted). */
function operationAt(body: Buffer): number {
  if (body.length < 5 || u16(body, 0) !== 129) return 0;
  let at = 2 + compressedIntSize(body[2] as number);
  const transaction = u16(body, at);
  at += 2;
  if (transaction === 147) at += compressedLongSize(body[at] ?? 0);
  else if (transaction !== 0) return 0;
  return at + 2 <= body.length ? at : 0;
}

function recordKind(body: Buffer): LogRecordFacts['kind'] {
  const at = operationAt(body);
  const operation = at === 0 ? 0 : u16(body, at);
  if (operation === opCheckpoint) return 'checkpoint';
  if (operation === opChecksum) return 'checksum';
  return operation === opEndTransaction ? 'end' : 'other';
}

function parseChecksum(body: Buffer): { crc: number; bytes: number } | null {
  const at = operationAt(body) + 2;
  if (at + 13 > body.length || body[at] !== 1) return null;
  const bytes = body.readInt32BE(at + 1);
  return bytes > 0 ? { bytes, crc: body.readUInt32BE(at + 9) } : null;
}

function parseCheckpoint(body: Buffer): Pick<Checkpoint, 'redoFrom' | 'undoFrom' | 'transactions'> {
  const unknown = { redoFrom: null, undoFrom: null, transactions: 0 };
  let at = operationAt(body) + 2;
  const marks: LogInstant[] = [];
  for (let i = 0; i < 2; i++) {
    const size = compressedLongSize(body[at] ?? 0);
    if (at + size > body.length) return unknown;
    // Shorter forms cannot name a file: the file number is the upper half of the eight bytes.
    marks.push(
      size === 8
        ? { file: body.readUInt32BE(at) & 0x7fffffff, position: body.readUInt32BE(at + 4) }
        : { file: 0, position: 0 },
    );
    at += size;
  }
  at += compressedIntSize(body[at] ?? 0);
  const hasTable = compressedInt(body, at);
  at += compressedIntSize(body[at] ?? 0);
  let transactions = 0;
  if (hasTable === 1 && at + 3 <= body.length && u16(body, at) === 262)
    transactions = compressedInt(body, at + 2);
  return { redoFrom: marks[0] ?? null, undoFrom: marks[1] ?? null, transactions };
}

/**
 * What the log says about the tables' files: `clean` when they hold everything, `needs-recovery` when Derby would first
 * replay the log at the next start, `broken` when it could not, or would silently go on without it.
 */
export interface LogState {
  readonly state: 'clean' | 'needs-recovery' | 'broken';
  /** The log file that is missing or wrong. */
  readonly file: string;
  readonly reason: string;
}

/**
 * Judges a log from its last checkpoint. Cleanly shut down means: exactly three records from that checkpoint to the end
 * (checkpoint, checksum, end of transaction), no later file, no other transaction open and nothing before the checkpoint
 * to do again.
 */
export function judgeLog(
  checkpoint: LogInstant,
  files: ReadonlyMap<number, LogFileFacts>,
  isEncrypted: boolean,
): LogState {
  const broken = (file: number, reason: string): LogState => ({
    state: 'broken',
    file: logName(file),
    reason,
  });
  const unclean = (reason: string): LogState => ({
    state: 'needs-recovery',
    file: logName(startFile),
    reason,
  });
  // Derby that was killed before its first checkpoint replays from the first log file.
  const startFile = checkpoint.file === 0 ? 1 : checkpoint.file;
  const facts = files.get(startFile);
  if (!facts) return broken(startFile, 'the log file of the last checkpoint is missing');
  let lastFile = startFile;
  for (const number of files.keys()) lastFile = Math.max(lastFile, number);
  if (lastFile - startFile >= files.size)
    return broken(startFile + 1, 'a log file is missing from the sequence');
  for (let number = startFile; number <= lastFile; number++) {
    const file = files.get(number);
    if (!file) return broken(number, 'a log file is missing from the sequence');
    if (!file.headerOk) return broken(number, 'the file does not begin as a log file does');
    if (number < lastFile && file.ending === 'torn')
      return broken(number, 'the log breaks off before its next file');
  }
  if (checkpoint.file === 0) return unclean('the program was ended before the first checkpoint');

  const last = facts.lastRecords.at(-3);
  const record = facts.checkpoints.find((c) => c.position === checkpoint.position);
  const found = record ?? (isEncrypted && facts.endsAt > checkpoint.position);
  if (!found) return broken(startFile, 'log.ctrl names a checkpoint that is not in the log');
  const damaged = isEncrypted ? [] : facts.damagedStretches;
  if (damaged.some((d) => d.from <= checkpoint.position && checkpoint.position < d.to)) {
    return broken(startFile, 'the last checkpoint is damaged');
  }
  if (record) {
    const from = earlier(record.redoFrom, record.undoFrom);
    for (let number = from?.file || startFile; number < startFile; number++) {
      const file = files.get(number);
      if (!file) return broken(number, 'a log file that recovery reads is missing');
      if (!file.headerOk || file.ending === 'torn')
        return broken(number, 'a log file that recovery reads is damaged');
    }
  }
  if (lastFile > startFile || !last || last.position !== checkpoint.position || facts.ending === 'torn') {
    return unclean('the program was not closed in an orderly way');
  }
  if (isEncrypted) return { state: 'clean', file: logName(startFile), reason: '' };
  if (damaged.some((d) => d.from > checkpoint.position)) return unclean('the end of the log is damaged');
  const [, sum, end] = facts.lastRecords.slice(-3);
  if (sum?.kind !== 'checksum' || end?.kind !== 'end') return unclean('work began after the last checkpoint');
  if (!record || record.transactions > 1 || !nothingToRedo(record, facts, files.get(startFile - 1))) {
    return unclean('work was under way at the last checkpoint');
  }
  return { state: 'clean', file: logName(startFile), reason: '' };
}

export const logName = (number: number): string => `log${number}.dat`;

const earlier = (a: LogInstant | null, b: LogInstant | null): LogInstant | null =>
  a && b && (b.file < a.file || (b.file === a.file && b.position < a.position)) ? b : a;

/** True when between the place where recovery begins and the checkpoint lies only the begin of its own transaction. */
function nothingToRedo(record: Checkpoint, facts: LogFileFacts, before: LogFileFacts | undefined): boolean {
  const from = earlier(record.redoFrom, record.undoFrom);
  if (!from) return false;
  const countFrom = (file: LogFileFacts, first: number, end: number): number =>
    file.records > file.lastRecords.length && (file.lastRecords[0]?.position ?? 0) > first
      ? Number.POSITIVE_INFINITY
      : file.lastRecords.filter((r) => r.kind !== 'checksum' && r.position >= first && r.position < end)
          .length;
  if (from.file === facts.number) return countFrom(facts, from.position, record.position) <= 1;
  if (from.file !== facts.number - 1 || !before) return false;
  return record.recordsBefore + countFrom(before, from.position, before.endsAt) <= 1;
}
