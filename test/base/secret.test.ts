import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { looksLikeSecret, secret } from '../../src/base/secret.ts';

test('a secret is shown nowhere but by reveal', () => {
  const held = secret('kopi tubruk');
  const error = Object.assign(new Error(`failed with ${held}`), { held });
  const shown = [
    String(held),
    `${held}`,
    JSON.stringify({ held }),
    inspect(held),
    inspect({ held }, { depth: 9, showHidden: true }),
    inspect(held, { customInspect: false, showHidden: true, depth: 9 }),
    inspect(error, { depth: 9, showHidden: true }),
    Object.values(held).map(String).join(),
  ];
  for (const text of shown) expect(text).not.toContain('kopi');
  expect(JSON.stringify(held)).toBe('"[secret]"');
  expect(held.reveal()).toBe('kopi tubruk');
});

test('keys look like keys, and names and paths do not', () => {
  for (const key of [
    'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    'a1b2c3d4'.repeat(8),
    `AGE-SECRET-KEY-1${'Q'.repeat(58)}`,
  ])
    expect(looksLikeSecret(key), key).toBe(true);
  for (const name of [
    'BackupEFaktur2023KantorPusatJakartaBarat',
    '/home/kasir/e-Faktur',
    'D:\\Backup\\e-Faktur 2023',
    './wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    'pt-maju-jaya-abadi-sentosa-cabang-surabaya-2',
    '20230708T023000Z-3f9a1c2e77d0',
    's3://bucket/pc-kasir?endpoint=https://s3.example.com',
    'Asia/Jakarta',
    'my-bucket/PT-Maju-Jaya-Abadi-Tbk-2023',
    'AKIAIOSFODNN7EXAMPLE',
  ])
    expect(looksLikeSecret(name), name).toBe(false);
});
