/* One record of Derby's log. Layout: Derby's LogRecord, CheckpointOperation, TransactionTable and ChecksumOperation. */
import { compressedInt, compressedIntSize, compressedLongSize, u16 } from './page.ts';

/** A place in the log. Files count from 1; file 0 means "nowhere". */
export interface LogInstant {
  readonly file: number;
  readonly position: number;
}

const opCheckpoint = 263;
/** Operation number of the record that ends a transaction. */
export const opEndTransaction = 102;
const opChecksum = 453;

/** What the front of a record's body tells. */
export interface LoggedRecord {
  /** `other` for all records of an encrypted database. */
  readonly kind: 'checkpoint' | 'checksum' | 'end' | 'other';
  readonly checkpoint: CheckpointMarks | null;
  /** Of a checksum record: what the bytes after it must add up to. */
  readonly sum: RecordSum | null;
}

/** What recovery that starts from a checkpoint would read. */
export interface CheckpointMarks {
  /** Redo and undo begin at these; null when encrypted. */
  readonly redoFrom: LogInstant | null;
  readonly undoFrom: LogInstant | null;
  /** Transactions open at the checkpoint, its own included. */
  readonly transactions: number;
}

/** So many bytes after a checksum record add up to this. */
export interface RecordSum {
  readonly crc: number;
  readonly bytes: number;
}

/** Reads what the front of a record's body shows; of an encrypted database it shows nothing. */
export function readLogRecord(body: Buffer): LoggedRecord {
  const kind = recordKind(body);
  return {
    kind,
    checkpoint: kind === 'checkpoint' ? parseCheckpoint(body) : null,
    sum: kind === 'checksum' ? parseChecksum(body) : null,
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

function recordKind(body: Buffer): LoggedRecord['kind'] {
  const at = operationAt(body);
  const operation = at === 0 ? 0 : u16(body, at);
  if (operation === opCheckpoint) return 'checkpoint';
  if (operation === opChecksum) return 'checksum';
  return operation === opEndTransaction ? 'end' : 'other';
}

function parseChecksum(body: Buffer): RecordSum | null {
  const at = operationAt(body) + 2;
  if (at + 13 > body.length || body[at] !== 1) return null;
  const bytes = body.readInt32BE(at + 1);
  return bytes > 0 ? { bytes, crc: body.readUInt32BE(at + 9) } : null;
}

function parseCheckpoint(body: Buffer): CheckpointMarks {
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
