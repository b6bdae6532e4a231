import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commands, commonFlags } from '../../src/cli/commands.ts';
import { errorOf, makeWorld, treeOf } from '../support/cli.ts';

test('every flag that names a file, a folder or a store is known as such', () => {
  const all = commands.flatMap(({ flags }) => Object.entries(flags));
  for (const [name, flag] of [...all, ...Object.entries(commonFlags)]) {
    const isPath = ['DIR', 'FILE', 'PATH', 'SOURCE'].includes(flag.placeholder ?? '');
    expect(flag.names, `--${name}`).toBe(isPath ? 'path' : name === 'store' ? 'store' : undefined);
  }
});

test('a path in a flag means what it means to a shell, and never a folder named ~', async () => {
  const world = await makeWorld();
  const home = join(world.folder, 'home');
  const pushed = await world.run(['push', '--store=~/store', '--app=%USERPROFILE%/../e-Faktur']);
  expect(pushed.stderr).not.toContain('Error');
  expect(pushed.code).toBe(0);
  const pulled = await world.run(['pull', '--store', '$HOME/store', '--to=~/restored']);
  expect(pulled.code, pulled.stderr).toBe(0);
  expect(Object.keys(await treeOf(join(home, 'restored')))).toContain('db/ETaxInvoice/service.properties');
  for (const to of ['~other/x', '$NOWHERE/x', '%NOWHERE%\\x']) {
    const refused = await world.run(['pull', '--store=~/store', `--to=${to}`, '--json']);
    expect(refused.code).toBe(2);
    expect(errorOf(refused).message).toContain('--to: ');
  }
  const top = Object.keys(await treeOf(world.folder)).map((name) => name.split('/')[0]);
  expect([...new Set(top)].sort()).toEqual(['e-Faktur', 'home', 'state']);
});

test('push says that what it stores is not encrypted, and nothing of it with keys', async () => {
  const world = await makeWorld();
  for (const args of [['push', '--dry-run'], ['push'], ['push']])
    expect((await world.run(args)).stdout).toMatch(/^Not encrypted: .*EFAKTUR_RECIPIENTS/m);
  const { newKey } = await import('../crypto/age-files.ts');
  const env = { EFAKTUR_RECIPIENTS: (await newKey()).recipient, EFAKTUR_STORE: join(world.folder, 'other') };
  const encrypted = await world.run(['push'], { env });
  expect(encrypted.code).toBe(0);
  expect(encrypted.stdout + encrypted.stderr).not.toMatch(/not encrypted/i);
});
