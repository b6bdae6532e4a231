import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packArchive, unpackArchive } from '../../src/archive/archive.ts';
import { openArchiveRange, readOverlaid } from '../../src/archive/archive-range.ts';
import { blockHasher, type IndexedFile } from '../../src/archive/block-index.ts';
import { planDifferential } from '../../src/archive/differential.ts';
import type { FileList } from '../../src/archive/file-list.ts';
import { isEfakturError } from '../../src/base/errors.ts';
import type { FileSet } from '../../src/base/file-set.ts';
import * as samples from './sample-set.ts';

const asSamples = (files: Record<string, Uint8Array>) =>
  Object.entries(files).map(([name, bytes]) => samples.sample(name, Buffer.from(bytes)));
const inMemory = (files: Record<string, Uint8Array>): FileSet => samples.setOf(asSamples(files));
const listOf = (files: Record<string, Uint8Array>): FileList => samples.listOf(asSamples(files));
async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

const rangeOf = (bytes: Buffer) => ({
  totalBytes: bytes.length,
  read: async (offset: number, length: number) => Buffer.from(bytes.subarray(offset, offset + length)),
});

const path = fc.constantFrom(
  'DB/seg0/c10.dat',
  'DB/seg0/c20.dat',
  `DB/${'long/'.repeat(30)}x.dat`,
  'DB/ñ/é.dat',
  'DB/service.properties',
);
const content = fc.oneof(
  fc.uint8Array({ maxLength: 3 * 4096 + 7 }),
  fc
    .tuple(fc.nat(255), fc.integer({ min: 0, max: 2_500_000 }))
    .map(([byte, size]) => new Uint8Array(size).fill(byte)),
);
const fileSet = fc.dictionary(path, content, { minKeys: 1, maxKeys: 4 });

test('any part of any file is what the whole archive gives', async () => {
  await fc.assert(
    fc.asyncProperty(fileSet, fc.infiniteStream(fc.nat()), async (files, numbers) => {
      const set = inMemory(files);
      const range = await openArchiveRange(rangeOf(await collect(packArchive(listOf(files), set))));
      for (const file of range.list.files) {
        const whole = Buffer.from(files[file.path] ?? []);
        for (let n = 0; n < 4; n++) {
          const offset = numbers.next().value % (whole.length + 1);
          const length = numbers.next().value % (whole.length - offset + 1);
          expect(
            (await range.readMember(file, offset, length)).equals(whole.subarray(offset, offset + length)),
          ).toBe(true);
        }
        await expect(range.readMember(file, 0, whole.length + 1)).rejects.toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 60 },
  );
});

/** A base, a later state made of it by edits, and both archives. */
const edited = fc.tuple(
  fileSet,
  fc.array(fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 9000 })), { maxLength: 6 }),
  fc.nat(3),
  fileSet,
);

test('a differential over its base gives the state back, whole and in parts', async () => {
  await fc.assert(
    fc.asyncProperty(edited, fc.nat(), async ([before, edits, cut, added], seed) => {
      const after: Record<string, Uint8Array> = {};
      for (const [name, bytes] of Object.entries(before)) {
        const changed = Buffer.from(bytes);
        for (const [at, patch] of edits)
          Buffer.from(patch).copy(changed, changed.length === 0 ? 0 : at % changed.length);
        after[name] =
          cut === 1
            ? changed.subarray(0, changed.length >> 1)
            : cut === 2
              ? Buffer.concat([changed, Buffer.alloc(5000, 7)])
              : changed;
      }
      if (cut === 3) Object.assign(after, added);

      const baseBytes = await collect(packArchive(listOf(before), inMemory(before)));
      const indexed = (files: Record<string, Uint8Array>): IndexedFile[] =>
        listOf(files).files.map((file) => {
          const hasher = blockHasher(file.sizeBytes);
          hasher.write(Buffer.from(files[file.path] ?? []));
          return { ...file, digests: hasher.end() };
        });
      const plan = planDifferential(new Map(indexed(before).map((f) => [f.path, f])), indexed(after));
      const list = { ...listOf(after), files: plan.files };
      const diffBytes = await collect(packArchive(list, inMemory(after)));

      const chunks = async function* (bytes: Buffer) {
        for (let at = 0; at < bytes.length; at += 70_001) yield bytes.subarray(at, at + 70_001);
      };
      const reader = await unpackArchive(chunks(diffBytes), await unpackArchive(chunks(baseBytes)));
      const seen = new Map<string, Buffer>();
      for await (const { file, chunks: content } of reader.files())
        seen.set(file.path, await collect(content));
      expect([...seen.keys()]).toEqual(listOf(after).files.map((f) => f.path));
      for (const [name, bytes] of seen) expect(bytes.equals(Buffer.from(after[name] ?? []))).toBe(true);

      const [base, diff] = [
        await openArchiveRange(rangeOf(baseBytes)),
        await openArchiveRange(rangeOf(diffBytes)),
      ];
      for (const file of diff.list.files) {
        if (!Array.isArray(file.from)) continue;
        const old = base.list.files.find((f) => f.path === file.path);
        if (!old) throw new Error('runs without a base file');
        const offset = seed % (file.sizeBytes + 1);
        const part = await readOverlaid(
          file,
          offset,
          file.sizeBytes - offset,
          (at, length) => base.readMember(old, at, length),
          (at, length) => diff.readMember(file, at, length),
        );
        expect(part.equals(Buffer.from(after[file.path] ?? []).subarray(offset))).toBe(true);
      }
      const alone = unpackArchive(chunks(diffBytes));
      if (plan.files.some((f) => f.from !== undefined)) {
        await expect(alone).rejects.toSatisfy((e) => isEfakturError(e, 'damaged'));
      } else await alone;
    }),
    { numRuns: 80 },
  );
});

test('block digests do not depend on how the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 20_000 }),
      fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1 }),
      (bytes, cuts) => {
        const whole = blockHasher(bytes.length);
        whole.write(Buffer.from(bytes));
        const parts = blockHasher(bytes.length);
        for (let at = 0, n = 0; at < bytes.length; n++) {
          const size = cuts[n % cuts.length] ?? 1;
          // In memory that is used again.
          const lent = Buffer.from(bytes.subarray(at, at + size));
          parts.write(lent);
          lent.fill(0xdb);
          at += size;
        }
        expect(parts.end().equals(whole.end())).toBe(true);
      },
    ),
  );
});

test('a damaged frame is damage, also when only a part is read', async () => {
  const files = { 'DB/seg0/c10.dat': new Uint8Array(3_000_000).map((_, i) => (i * 7919) >> 3) };
  const bytes = await collect(packArchive(listOf(files), inMemory(files)));
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  const range = await openArchiveRange(rangeOf(bytes));
  const [file] = range.list.files;
  if (!file) throw new Error('no file');
  await expect(range.readMember(file, 0, 3_000_000)).rejects.toSatisfy((e) => isEfakturError(e, 'damaged'));
});
