import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Proof, parseProofKey, proofKey } from '../../src/catalog/names.ts';
import {
  lastProven,
  lastProvenAtBest,
  lastResult,
  listProofs,
  proofOf,
  standingDamage,
} from '../../src/catalog/proofs.ts';
import { openFolderStore } from '../../src/store/folder.ts';

const tag = '3f9a1c2e77d0';
const key = `proofs/${tag}-data-clean-20230801T103000Z.json`;
const at = (minute: number): Date => new Date(Date.UTC(2023, 7, 1, 10, minute));
const proof = (result: Proof['result'], minute: number, level: Proof['level'] = 'data'): Proof => ({
  tag,
  level,
  result,
  at: at(minute),
});

test('the name holds all, to the second', () => {
  expect(parseProofKey(key)).toEqual(proof('clean', 30));
  expect(proofKey(proof('clean', 30))).toBe(key);
  for (const other of ['2023-08-01', '20230801', '20230801T106000Z', '20230801T103000'])
    expect(parseProofKey(key.replace('20230801T103000Z', other)), other).toBeNull();
});

test('a clock that runs ahead does not outlast the upload', () => {
  expect(proofOf({ key, modified: at(10) })?.at).toEqual(at(10));
  expect(proofOf({ key, modified: at(50) })?.at).toEqual(at(30));
  expect(proofOf({ key, modified: null })?.at).toEqual(at(30));
});

test('the last look counts, by time and whatever the order of the names', () => {
  const [bad, good] = [proof('damaged', 1), proof('clean', 2)];
  for (const proofs of [
    [bad, good],
    [good, bad],
  ]) {
    expect(lastProven(proofs)).toEqual(at(2));
    expect(lastResult(proofs)).toBe('clean');
    expect(standingDamage(proofs)).toEqual([]);
  }
  const worse = proof('damaged', 3, 'engine');
  expect(lastProven([good, worse, bad])).toBeNull();
  expect(lastResult([good, worse, bad])).toBe('damaged');
  expect(standingDamage([good, worse, bad])).toEqual([worse, bad]);
});

test('of two of one second the damage counts', () => {
  const both = [proof('clean', 1), proof('damaged', 1)];
  expect(lastProven(both)).toBeNull();
  expect(lastResult(both)).toBe('damaged');
});

test('a database that Derby encrypted is proven at best', () => {
  expect(lastProven([proof('encrypted', 1)])).toBeNull();
  expect(lastProvenAtBest([proof('encrypted', 1)])).toEqual(at(1));
  expect(lastResult([])).toBeNull();
});

test('the frozen sample', async () => {
  const root = fileURLToPath(new URL('../fixtures/format-1', import.meta.url));
  const store = openFolderStore({ root, url: root });
  const proofs = await listProofs(store, new AbortController().signal);
  expect([...proofs]).toEqual([[tag, [proof('clean', 30)]]]);
});
