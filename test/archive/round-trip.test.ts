import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentHash, dataHash } from '../../src/archive/file-list.ts';
import { memberBytes } from '../../src/archive/tar-members.ts';
import { frameBytes } from '../../src/archive/zstd-frame.ts';
import { parseSeekTable, seekTableLength } from '../../src/archive/zstd-frames.ts';
import { byUtf8 } from '../../src/base/file-set.ts';
import { isSafePath } from '../../src/base/safe-path.ts';
import {
  listOf,
  noise,
  pack,
  pieces,
  type Sample,
  sample,
  sha256,
  smallDatabases,
  smallFolders,
  unpack,
} from './sample-set.ts';

async function expectRoundTrip(samples: readonly Sample[], folders: string[] = []): Promise<Buffer> {
  const archive = await pack(samples, folders);
  const { list, content } = await unpack([archive]);
  expect(list).toEqual(listOf(samples, folders));
  expect([...content.keys()]).toEqual(samples.map((s) => s.path).sort(byUtf8));
  for (const { path, bytes } of samples) expect(content.get(path)?.equals(bytes), path).toBe(true);
  return archive;
}

const part = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }) },
  { weight: 1, arbitrary: fc.stringMatching(/^[a-z]{80,250}$/) },
);
const path = fc
  .array(part, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'))
  .filter(isSafePath);
const size = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(0, 1, 511, 512, 513, 1023, 1024, 1025) },
  { weight: 9, arbitrary: fc.nat(3000) },
  { weight: 1, arbitrary: fc.constantFrom(frameBytes - 513, frameBytes - 512, frameBytes, frameBytes + 1) },
);
const mtime = fc.oneof(fc.integer({ min: -1e12, max: 4e12 }), fc.constantFrom(0, 253402300799000));
const samples = fc
  .uniqueArray(fc.tuple(path, size, mtime), {
    maxLength: 12,
    selector: ([p]) => p.toLowerCase(),
  })
  .map((all) =>
    all.filter(([p]) => !all.some(([other]) => other.toLowerCase().startsWith(`${p.toLowerCase()}/`))),
  )
  .map((all) => all.map(([p, s, m], i) => sample(p, noise(s, i + 1), m)));

test('any set of files comes back as it was', async () => {
  await fc.assert(
    fc.asyncProperty(samples, async (set) => {
      await expectRoundTrip(set);
    }),
    { numRuns: 40 },
  );
}, 20_000);

test.each([0, 1, 511, 512, 513, frameBytes - 1, frameBytes, frameBytes + 1, 3 * frameBytes])(
  'a file of %i bytes comes back as it was',
  async (sizeBytes) => {
    await expectRoundTrip([sample('ETaxInvoice/seg0/c10.dat', noise(sizeBytes))]);
  },
);

test('a tar that ends exactly at the edge of a frame, or a block beside it, is whole', async () => {
  const database = (sizeBytes: number): Sample[] => [sample('ETaxInvoice/seg0/c10.dat', noise(sizeBytes))];
  const tarBytes = (table: readonly { contentBytes: number }[] | null): number =>
    (table ?? []).reduce((sum, frame) => sum + frame.contentBytes, 0);
  const tableOf = (archive: Buffer) => {
    const length = seekTableLength(archive.subarray(-9));
    return parseSeekTable(archive.subarray(archive.length - (length ?? 0)));
  };
  const around = frameBytes - 4096;
  const over = tarBytes(tableOf(await pack(database(around)))) - around;
  for (const sizeBytes of [frameBytes - over - 512, frameBytes - over, frameBytes - over + 512]) {
    const table = tableOf(await expectRoundTrip(database(sizeBytes)));
    expect(tarBytes(table)).toBe(sizeBytes + over);
    expect(table).toHaveLength(sizeBytes + over > frameBytes ? 2 : 1);
    expect(table?.[0]?.contentBytes).toBe(Math.min(sizeBytes + over, frameBytes));
  }
});

test('paths over 100 and over 255 bytes and outside ASCII come back as they were', async () => {
  const deep = Array.from({ length: 12 }, (_, i) => `folder ${i} dengan nama yang panjang`).join('/');
  await expectRoundTrip(
    [
      sample(`${'a'.repeat(100)}`, 'a'),
      sample(`${'b'.repeat(101)}`, 'b'),
      sample(`${'c'.repeat(255)}`, 'c'),
      sample(`${deep}/c10.dat`, 'd'),
      sample(`PT Übung — 税 🧾/seg0/${'é'.repeat(120)}.dat`, 'e'),
      sample(`x/${'税'.repeat(34)}`, 'f'),
    ],
    [`${deep}/tmp`, 'PT Übung — 税 🧾/tmp'],
  );
});

test('how the bytes are cut into chunks changes nothing, packing or unpacking', async () => {
  const set = [...smallDatabases, sample('ETaxInvoice/seg0/c30.dat', noise(300_000))];
  const whole = await pack(set, smallFolders, 1 << 20);
  expect((await pack(set, smallFolders, 1013)).equals(whole)).toBe(true);
  const expected = await unpack([whole]);
  const small = await pack(smallDatabases, smallFolders);
  expect((await pack(smallDatabases, smallFolders, 1)).equals(small)).toBe(true);
  expect(await unpack(pieces(small, 1))).toEqual(await unpack([small]));
  for (const sizes of [[7], [512], [4093], [1, 100_000], [9, 3, 65_536]]) {
    expect(await unpack(pieces(whole, ...sizes))).toEqual(expected);
  }
  expect(await unpack([Buffer.alloc(0), ...pieces(whole, 5000), Buffer.alloc(0)])).toEqual(expected);
});

test('chunking of many frames is as free', async () => {
  const set = [sample('x/seg0/c1.dat', Buffer.alloc(5 * frameBytes, 'saldo ')), ...smallDatabases];
  const whole = await pack(set);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 5 }),
      async (sizes) => {
        const { content } = await unpack(pieces(whole, ...sizes));
        expect(sha256(content.get('x/seg0/c1.dat') ?? Buffer.alloc(0))).toBe(sha256(set[0]?.bytes ?? ''));
      },
    ),
    { numRuns: 8 },
  );
});

test('an empty set is an archive too', async () => {
  await expectRoundTrip([], ['ETaxInvoice/tmp']);
});

test('the same set gives the same bytes, whatever the order it was found in', async () => {
  const once = await pack(smallDatabases, smallFolders);
  expect((await pack([...smallDatabases].reverse(), smallFolders)).equals(once)).toBe(true);
});

test('facts of other versions come back unread', async () => {
  const { list } = await unpack([await pack(smallDatabases)]);
  expect(list.facts).toEqual({ id: '20230708T023000Z-3f9a1c2e77d0' });
});

test('a member takes as many bytes as its header, content and padding', async () => {
  expect(memberBytes({ path: 'db/a', type: 'File', sizeBytes: 0, mtimeMs: 0 })).toBe(512);
  expect(memberBytes({ path: 'db/a', type: 'File', sizeBytes: 513, mtimeMs: 0 })).toBe(512 + 1024);
  expect(memberBytes({ path: `db/${'ü'.repeat(90)}`, type: 'File', sizeBytes: 1, mtimeMs: 0 })).toBe(
    3 * 512 + 512,
  );
});

test('the content hash is the SHA-256 of the sorted lines, the data hash leaves each log out', () => {
  const [a, b, log] = [
    { path: 'Z/seg0/c1.dat', sizeBytes: 1, mtimeMs: 5, sha256: sha256('a') },
    { path: 'a/seg0/c1.dat', sizeBytes: 2, mtimeMs: 6, sha256: sha256('bb') },
    { path: 'a/log/log.ctrl', sizeBytes: 3, mtimeMs: 7, sha256: sha256('log') },
  ];
  const line = (f: { path: string; sizeBytes: number; sha256: string }): string =>
    `${f.path}\0${f.sizeBytes}\0${f.sha256}\n`;
  expect(contentHash([b, log, a])).toBe(sha256(line(a) + line(log) + line(b)));
  expect(dataHash([b, log, a])).toBe(sha256(line(a) + line(b)));
  // UTF-8 order differs from JavaScript's where surrogates are.
  const names = ['\u{1f9fe}', '\uffee'].map((path) => ({ ...a, path }));
  expect(contentHash(names)).toBe(sha256(names.reverse().map(line).join('')));
});
