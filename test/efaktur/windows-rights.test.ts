import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { type Icacls, keepAccessLists } from '../../src/efaktur/windows-rights.ts';
import { tempFolder } from '../base/temp-folder.ts';

/** Access lists of NTFS and the four things that icacls is asked for, on the files of a real folder. */
class Ntfs {
  readonly lists = new Map<string, string>();
  readonly asked: string[] = [];
  /** Paths whose list cannot be changed. */
  readonly refused = new Set<string>();

  /** Gives a file entries of its own beside those that it inherits. */
  set(path: string, own: string, isClosed = false): void {
    const inherited = isClosed ? '' : this.#inheritedBy(path);
    this.lists.set(path, `D:${isClosed ? 'P' : ''}AI${own}${inherited}`);
  }

  #inheritedBy(path: string): string {
    const entries = this.lists.get(dirname(path))?.match(/\([^)]*\)/g) ?? [];
    return entries
      .filter((entry) => entry.includes('OICI'))
      .map((entry) => entry.replace(/;((?:OICI|ID)*);/, ';OICIID;'))
      .join('');
  }

  async #below(path: string): Promise<string[]> {
    const names = await readdir(path, { recursive: true }).catch(() => []);
    return [path, ...names.sort().map((name) => join(path, name))];
  }

  icacls: Icacls = async ([path = '', action = '', file = '']) => {
    this.asked.push(action);
    if (action === '/save') {
      const lines: string[] = [];
      for (const one of await this.#below(path)) {
        if (!this.lists.has(one)) this.set(one, '');
        lines.push(relative(dirname(path), one).replaceAll('/', '\\'), this.lists.get(one) ?? '');
      }
      await writeFile(file, lines.map((line) => `${line}\r\n`).join(''), 'utf16le');
      return true;
    }
    if (action === '/restore') {
      const lines = (await readFile(file, 'utf16le')).split('\r\n');
      for (let i = 0; i + 1 < lines.length; i += 2) {
        const one = join(path, (lines[i] ?? '').replaceAll('\\', '/'));
        if (!this.lists.has(one)) return false;
        if (!this.refused.has(one)) this.lists.set(one, lines[i + 1] ?? '');
      }
      return true;
    }
    if (action !== '/reset') throw new Error(`icacls does not know ${action}`);
    const top = basename(path) === '*' ? dirname(path) : path;
    for (const one of await this.#below(top)) if (one !== top || top === path) this.set(one, '');
    return true;
  };
}

const administrators = '(A;OICI;FA;;;BA)';
const users = '(A;OICI;0x1301bf;;;BU)';
const cashier = '(A;;FA;;;S-1-5-21-1-2-3-1001)';

async function folders(): Promise<{ ntfs: Ntfs; app: string; old: string; fresh: string }> {
  const app = await tempFolder();
  const [old, fresh] = [join(app, 'db'), join(app, 'db.restoring-20260101T000000Z-9')];
  for (const db of [old, fresh]) {
    await mkdir(join(db, 'ETaxInvoice', 'log'), { recursive: true });
    await writeFile(join(db, 'ETaxInvoice', 'service.properties'), 'x');
  }
  await writeFile(join(fresh, 'ETaxInvoice', 'log', 'log2.dat'), 'x');
  const ntfs = new Ntfs();
  ntfs.set(app, administrators, true);
  return { ntfs, app, old, fresh };
}

test('rights given to the old db alone are those of the new one, down to what is new in it', async () => {
  const { ntfs, old, fresh } = await folders();
  ntfs.set(old, users);
  expect(await keepAccessLists(fresh, old, ntfs.icacls)).toBe(true);
  expect(ntfs.lists.get(fresh)).toBe(ntfs.lists.get(old));
  expect(ntfs.lists.get(join(fresh, 'ETaxInvoice', 'log', 'log2.dat'))).toContain('0x1301bf');
});

test('where nothing differs nothing is changed', async () => {
  const { ntfs, old, fresh } = await folders();
  expect(await keepAccessLists(fresh, old, ntfs.icacls)).toBe(true);
  expect(ntfs.asked).toEqual(['/save', '/save']);
});

test('a folder and a file in it keep rights of their own, and what is new beside them inherits', async () => {
  const { ntfs, old, fresh } = await folders();
  ntfs.set(join(old, 'ETaxInvoice'), '');
  ntfs.set(join(old, 'ETaxInvoice', 'log'), users, true);
  ntfs.set(join(old, 'ETaxInvoice', 'service.properties'), cashier);
  expect(await keepAccessLists(fresh, old, ntfs.icacls)).toBe(true);
  const of = (name: string): string => ntfs.lists.get(join(fresh, 'ETaxInvoice', name)) ?? '';
  expect(of('log')).toBe(`D:PAI${users}`);
  expect(of('log/log2.dat')).toBe('D:AI(A;OICIID;0x1301bf;;;BU)');
  expect(of('service.properties')).toContain(cashier);
  expect(ntfs.lists.get(fresh)).not.toContain('BU');
});

test('an old db that was moved here with the rights of another place keeps them', async () => {
  const { ntfs, old, fresh } = await folders();
  ntfs.lists.set(old, 'D:AI(A;OICIID;0x1301bf;;;BU)');
  expect(await keepAccessLists(fresh, old, ntfs.icacls)).toBe(true);
  expect(ntfs.lists.get(fresh)).toContain('0x1301bf');
});

test('what cannot be given is told, whatever icacls says', async () => {
  const { ntfs, old, fresh } = await folders();
  ntfs.set(old, users);
  ntfs.refused.add(fresh);
  expect(await keepAccessLists(fresh, old, ntfs.icacls)).toBe(false);
});

test('a disk that keeps no rights has none to lose', async () => {
  const { old, fresh } = await folders();
  expect(await keepAccessLists(fresh, old, async () => false)).toBe(true);
});
