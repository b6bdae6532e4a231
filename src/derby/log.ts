/*
 * Derby's write-ahead log: the two control files and the records of `log<N>.dat`, read as they stream by, in memory that
 * does not depend on their length. Layout: Derby's LogToFile; of one record see log-record.ts.
 */
import { crc32 } from 'node:zlib';
import { inPlace, type LentBuffer } from '../base/lent-buffer.ts';
import {
  type CheckpointMarks,
  type LoggedRecord,
  type LogInstant,
  type RecordSum,
  readLogRecord,
} from './log-record.ts';

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
export interface Checkpoint extends CheckpointMarks {
  readonly position: number;
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
  readonly kind: LoggedRecord['kind'];
}

export interface LogScan {
  readonly write: (chunk: LentBuffer) => void;
  end(): LogFileFacts;
}

/** The header of a log file, and a record's length and instant before its body. */
export const fileHeaderBytes = 24;
export const recordFrontBytes = 12;
/** It begins and ends with its length. */
const lengthBytes = 4;
/** Enough of a record's body to see what it is and to read a checkpoint's marks. */
const bodyHeadBytes = 64;
const kept = 8;

/** Number of the log file of that name, or null. */
export function parseLogName(name: string): number | null {
  const m = /^log([1-9][0-9]{0,9})\.dat$/.exec(name);
  return m ? Number(m[1]) : null;
}

export const logName = (number: number): string => `log${number}.dat`;

type Stage = 'file' | 'length' | 'front' | 'body' | 'tail' | 'done';

/** Walks the records of one log file. `watch` is the checkpoint to remember however many follow it. */
export function scanLogFile(number: number, watch: LogInstant | null): LogScan {
  const records = keepRecords(watch?.file === number ? watch.position : null);
  const sums = followChecksums();
  let headerOk = false;
  let previous: LogInstant = { file: 0, position: 0 };
  let ending: LogFileFacts['ending'] = 'end-of-file';
  /** Where the walk is, where the record that it is in began, and that record's length. */
  let position = 0;
  let recordAt = fileHeaderBytes;
  let length = 0;
  let record: LoggedRecord = { kind: 'other', checkpoint: null, sum: null };

  // What a stage needs is collected in `held`; what is only to be passed over before it is counted down in `skip`.
  const held = Buffer.alloc(bodyHeadBytes);
  let heldBytes = 0;
  let stage: Stage = 'file';
  let need = fileHeaderBytes;
  let skip = 0;
  const goOn = (next: Stage, bytes: number): void => {
    stage = next;
    need = bytes;
    heldBytes = 0;
  };
  const stop = (how: LogFileFacts['ending']): void => {
    stage = 'done';
    ending = how;
  };

  const steps: Readonly<Record<Exclude<Stage, 'done'>, () => void>> = {
    file() {
      headerOk =
        held.readInt32BE(0) === 128 && held.readUInt32BE(8) === 0 && held.readUInt32BE(12) === number;
      previous = { file: held.readUInt32BE(16), position: held.readUInt32BE(20) };
      if (headerOk) goOn('length', lengthBytes);
      else stop('torn');
    },
    length() {
      length = held.readInt32BE(0);
      if (length > 0) goOn('front', recordFrontBytes - lengthBytes);
      else stop(length === 0 ? 'mark' : 'torn');
    },
    front() {
      const isItsOwn = held.readUInt32BE(0) === number && held.readUInt32BE(4) === recordAt;
      if (isItsOwn) goOn('body', Math.min(length, bodyHeadBytes));
      else stop('torn');
    },
    body() {
      record = readLogRecord(held.subarray(0, heldBytes));
      skip = length - heldBytes;
      goOn('tail', lengthBytes);
    },
    tail() {
      if (held.readInt32BE(0) !== length) {
        stop('torn');
        return;
      }
      records.add(recordAt, record);
      recordAt = position;
      if (record.sum) sums.expect(record.sum, position);
      goOn('length', lengthBytes);
    },
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
          at += Math.min(need - heldBytes, chunk.length - at);
          chunk.copy(held, heldBytes, from, at);
          heldBytes += at - from;
        }
        position += at - from;
        sums.pass(chunk, from, at, position);
        if (skip === 0 && heldBytes >= need) steps[stage]();
      }
    },
    end() {
      // Fewer bytes than a length has, after the last record, are left over from Derby's own preallocation.
      if (stage !== 'done' && stage !== 'length') ending = 'torn';
      const damagedStretches = sums.end(position);
      return { number, headerOk, previous, ...records.kept(), ending, endsAt: recordAt, damagedStretches };
    },
  };
}

/** Counts the records and keeps the last ones; `watchedAt` is where the checkpoint lies that is kept in any case. */
function keepRecords(watchedAt: number | null) {
  const lastRecords: LogRecordFacts[] = [];
  const checkpoints: Checkpoint[] = [];
  let records = 0;
  let realRecords = 0;
  return {
    add(position: number, { kind, checkpoint }: LoggedRecord): void {
      if (checkpoint) {
        if (checkpoints.length >= kept && position !== watchedAt) {
          const oldest = checkpoints.findIndex((one) => one.position !== watchedAt);
          checkpoints.splice(oldest, 1);
        }
        checkpoints.push({ ...checkpoint, position, recordsBefore: realRecords });
      }
      records++;
      if (kind !== 'checksum') realRecords++;
      lastRecords.push({ position, kind });
      if (lastRecords.length > kept) lastRecords.shift();
    },
    kept: (): Pick<LogFileFacts, 'records' | 'lastRecords' | 'checkpoints'> => ({
      records,
      lastRecords,
      checkpoints,
    }),
  };
}

/** Holds the bytes that pass against the checksum record before them. */
function followChecksums() {
  const damaged: { from: number; to: number }[] = [];
  let open: { crc: number; left: number; readonly expected: number; readonly from: number } | null = null;
  const markDamaged = (from: number, to: number): void => {
    damaged.push({ from, to });
    if (damaged.length > kept) damaged.shift();
  };
  return {
    expect({ crc, bytes }: RecordSum, from: number): void {
      open ??= { crc: 0, left: bytes, expected: crc, from };
    },
    /** Bytes of a chunk; `position` is where in the file they end. */
    pass(chunk: LentBuffer, from: number, to: number, position: number): void {
      if (!open) return;
      const bytes = Math.min(to - from, open.left);
      open.crc = crc32(inPlace(chunk.subarray(from, from + bytes)), open.crc);
      open.left -= bytes;
      if (open.left > 0) return;
      if (open.crc !== open.expected) markDamaged(open.from, position);
      open = null;
    },
    /** The last damaged stretches, with one that the file's end cuts off. */
    end(position: number): LogFileFacts['damagedStretches'] {
      if (open) markDamaged(open.from, position);
      return damaged;
    },
  };
}
