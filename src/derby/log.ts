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
  /** Where the file before ended, by this one's header. */
  readonly previous: LogInstant;
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

export const logName = (number: number): string => `log${number}.dat`;

/** Walks the records of one log file. `watch` is the checkpoint to remember however many follow it. */
export function scanLogFile(number: number, watch: LogInstant | null): LogScan {
  // `need` bytes are collected in `held`; what is only to be passed over is counted down in `skip`.
  const held = Buffer.alloc(fileHeaderBytes + recordFrontBytes + bodyHeadBytes);
  let heldBytes = 0;
  let need = fileHeaderBytes;
  let stage: 'file' | 'front' | 'body' | 'tail' | 'done' = 'file';
  let skip = 0;
  let headerOk = false;
  let previous: LogInstant = { file: 0, position: 0 };
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
      previous = { file: held.readUInt32BE(16), position: held.readUInt32BE(20) };
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
        previous,
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
