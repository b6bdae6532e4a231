import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unpackArchive } from '../../src/archive/archive.ts';
import { frameBytes } from '../../src/archive/zstd-frame.ts';
import { encodeSeekTable, parseSeekTable, seekTableLength } from '../../src/archive/zstd-frames.ts';
import { isEfakturError } from '../../src/base/errors.ts';
import { codeOf } from '../base/failures.ts';
import { noise, pack, pieces, sample, smallDatabases, smallFolders, unpack } from './sample-set.ts';

const small = pack(smallDatabases, smallFolders);
/** Five frames: two that do not compress, then zeros. */
const large = pack([
  ...smallDatabases,
  sample('ETaxInvoice/seg0/c30.dat', noise(2 * frameBytes)),
  sample('ETaxInvoice/seg0/c40.dat', Buffer.alloc(2 * frameBytes + 5)),
]);

const chunked = (bytes: Buffer): Buffer[] => pieces(bytes, 65_536);
const outcome = (bytes: Buffer) => codeOf(unpack(chunked(bytes)));

/**
 * What a changed archive gives: an error, or `as packed`. A zstd block has a few bits that mean nothing; a change there
 * is caught by the SHA-256 of the manifest alone.
 */
async function outcomeOfChange(bytes: Buffer, original: Promise<Buffer>): Promise<string | null> {
  try {
    expect(await unpack(chunked(bytes))).toEqual(await contentOf(await original));
    return 'as packed';
  } catch (error) {
    if (isEfakturError(error)) return error.code;
    throw error;
  }
}

const contents = new Map<Buffer, ReturnType<typeof unpack>>();
function contentOf(archive: Buffer): ReturnType<typeof unpack> {
  const known = contents.get(archive) ?? unpack([archive]);
  contents.set(archive, known);
  return known;
}

/** Offsets at which the frames and the table begin, and the archive's length. */
function edges(archive: Buffer): number[] {
  const tableAt = archive.length - (seekTableLength(archive.subarray(-9)) ?? 0);
  const frames = parseSeekTable(archive.subarray(tableAt)) ?? [];
  const starts = [0];
  for (const { compressedBytes } of frames) starts.push((starts.at(-1) ?? 0) + compressedBytes);
  expect(starts.at(-1)).toBe(tableAt);
  return [...starts, archive.length];
}

test('the samples are whole', async () => {
  expect(await outcome(await small)).toBeNull();
  expect(await outcome(await large)).toBeNull();
  expect(edges(await large)).toHaveLength(7);
});

test('a cut anywhere is damage', async () => {
  const archive = await small;
  for (let length = 0; length < archive.length; length++) {
    expect(await outcome(archive.subarray(0, length)), `cut to ${length}`).toBe('damaged');
  }
}, 20_000);

test('a cut at or beside the edge of a frame is damage', async () => {
  const archive = await large;
  for (const edge of edges(archive)) {
    for (const length of [edge - 1, edge, edge + 1]) {
      if (length < 0 || length >= archive.length) continue;
      expect(await outcome(archive.subarray(0, length)), `cut to ${length}`).toBe('damaged');
    }
  }
});

test('a frame left out, doubled or exchanged is damage, also with a table to match', async () => {
  const archive = await large;
  const at = edges(archive);
  const frames = at.slice(0, -2).map((start, i) => archive.subarray(start, at[i + 1]));
  const sizes = parseSeekTable(archive.subarray(at.at(-2))) ?? [];
  const order = [...frames.keys()];
  const wrong = [
    ...order.map((i) => order.filter((j) => j !== i)),
    ...order.map((i) => order.flatMap((j) => (j === i ? [j, j] : [j]))),
    [1, 0, ...order.slice(2)],
    [0, 2, 1, ...order.slice(3)],
  ];
  for (const indexes of wrong) {
    const body = indexes.map((i) => frames[i] as Buffer);
    const table = encodeSeekTable(indexes.map((i) => sizes[i] as (typeof sizes)[number]));
    expect(await outcome(Buffer.concat([...body, archive.subarray(at.at(-2))])), indexes.join()).toBe(
      'damaged',
    );
    expect(await outcome(Buffer.concat([...body, table])), `${indexes.join()} with its table`).toBe(
      'damaged',
    );
  }
  expect(await outcome(Buffer.concat([...frames, encodeSeekTable(sizes)]))).toBeNull();
}, 20_000);

test('joined archives and anything else that follows are damage', async () => {
  const [one, two] = [await small, await large];
  const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 0]);
  const tails = [
    one,
    two,
    Buffer.from([0]),
    Buffer.alloc(512),
    skippable,
    one.subarray(0, 5),
    one.subarray(-20),
  ];
  for (const tail of tails) {
    expect(await outcome(Buffer.concat([one, tail]))).toBe('damaged');
    expect(await outcome(Buffer.concat([two, tail]))).toBe('damaged');
  }
  const tableless = one.subarray(0, edges(one).at(-2));
  expect(await outcome(Buffer.concat([tableless, two]))).toBe('damaged');
  expect(await outcome(Buffer.concat([skippable, one]))).toBe('damaged');
});

test('a flip of one bit, in any byte, never brings back other files', async () => {
  const archive = await small;
  const outcomes: (string | null)[] = [];
  for (let at = 0; at < archive.length; at++) {
    const flipped = Buffer.from(archive);
    flipped.writeUInt8((archive[at] ?? 0) ^ (1 << (at % 8)), at);
    const outcome = await outcomeOfChange(flipped, small);
    expect(['damaged', 'as packed'], `byte ${at}`).toContain(outcome);
    outcomes.push(outcome);
  }
  expect(outcomes.filter((outcome) => outcome === 'as packed').length).toBeLessThan(archive.length / 100);
}, 20_000);

test('a changed stretch of bytes never brings back other files', async () => {
  const archive = await large;
  await fc.assert(
    fc.asyncProperty(
      fc.nat(archive.length - 1),
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      async (at, replacement) => {
        const changed = Buffer.from(archive);
        changed.set(replacement.subarray(0, archive.length - at), at);
        fc.pre(!changed.equals(archive));
        expect(['damaged', 'as packed']).toContain(await outcomeOfChange(changed, large));
      },
    ),
    { numRuns: 40 },
  );
}, 20_000);

test('what is no archive at all is damage', async () => {
  const others = [
    Buffer.alloc(0),
    Buffer.alloc(5000),
    noise(5000),
    Buffer.from('{"format":1}'),
    encodeSeekTable([]),
  ];
  for (const bytes of others) expect(await outcome(bytes)).toBe('damaged');
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
      expect(await outcome(Buffer.from(bytes))).toBe('damaged');
    }),
    { numRuns: 100 },
  );
});

test('a source that fails in the middle fails with its own error', async () => {
  const archive = await large;
  async function* broken(): AsyncGenerator<Buffer> {
    yield archive.subarray(0, 100_000);
    throw new RangeError('the connection broke');
  }
  await expect(
    (async () => {
      const reader = await unpackArchive(broken());
      for await (const { chunks } of reader.files()) for await (const _ of chunks);
    })(),
  ).rejects.toThrow(RangeError);
});

test('seek tables are read back, and nothing else is taken for one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ compressedBytes: fc.nat(0xffffffff), contentBytes: fc.nat(0xffffffff) }), {
        maxLength: 50,
      }),
      (frames) => {
        const table = encodeSeekTable(frames);
        expect(parseSeekTable(table)).toEqual(frames);
        expect(seekTableLength(table.subarray(-9))).toBe(table.length);
        expect(parseSeekTable(table.subarray(1))).toBeNull();
        expect(parseSeekTable(table.subarray(0, -1))).toBeNull();
        expect(parseSeekTable(Buffer.concat([table, Buffer.alloc(1)]))).toBeNull();
      },
    ),
  );
  expect(seekTableLength(Buffer.alloc(9))).toBeNull();
  expect(seekTableLength(Buffer.alloc(8))).toBeNull();
});
