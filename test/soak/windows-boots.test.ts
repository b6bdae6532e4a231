import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { nodeExe } from '../../scripts/windows/node-exe.ts';
import { derbyJar } from '../support/derby-tools.ts';
import { compiled, windowsJava } from '../support/win/derby.ts';
import { makeRunPrefix, type WineOutcome, windowsPath, wine } from '../support/win/wine.ts';

const looks = 1_000;

/** Looks so many times, and notes for each from when to when it took and whether the database was open. */
const prober = `
  import { appendFileSync } from 'node:fs';
  import { isBusyNow } from ${JSON.stringify(join(import.meta.dirname, '../../src/derby/windows-lock.ts'))};
  const [database, notes, looks] = process.argv.slice(2);
  async function main() {
    for (let i = 0; i < Number(looks); i++) {
      const from = Date.now();
      const isOpen = await isBusyNow(database);
      appendFileSync(notes, [from, Date.now(), isOpen].join(' ') + '\\n');
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
    }
  }
  void main();`;

test('looking at a database on Windows makes no Derby that boots read-only, and calls no open one closed', async () => {
  const { prefix, remove } = await makeRunPrefix();
  onTestFinished(remove);
  const folder = join(prefix, 'drive_d', 'boots');
  await mkdir(folder);
  const here = (name: string): string => join(folder, name);
  const named = (path: string): string => windowsPath(prefix, path);
  const [java, classes, jar] = await Promise.all([
    windowsJava(),
    compiled(join(import.meta.dirname, 'java/BootLoop.java')),
    derbyJar('10.12.1.1'),
    writeFile(here('node.exe'), await nodeExe()).then(() => chmod(here('node.exe'), 0o755)),
    build({
      stdin: { contents: prober, resolveDir: import.meta.dirname, loader: 'ts' },
      outfile: here('looks.cjs'),
      bundle: true,
      platform: 'node',
      format: 'cjs',
    }),
  ]);
  const [database, boots, stop, seen] = ['db', 'boots.txt', 'stop', 'looks.txt'].map((name) =>
    named(here(name)),
  ) as [string, string, string, string];
  const options = { prefix, cwd: folder, timeoutMs: 800_000 };
  const flags = [
    '-XX:-UsePerfData',
    '-Dderby.stream.error.file=NUL',
    '-cp',
    `${named(jar)};${named(classes)}`,
  ];
  const booting = wine(join(java, 'bin', 'java.exe'), [...flags, 'BootLoop', database, boots, stop], options);
  const notes = async (name: string): Promise<string[]> =>
    (await readFile(here(name), 'utf8').catch(() => '')).split(/\r?\n/).filter((line) => line !== '');
  await Promise.race([booting.then(refuseEnded), firstNote()]);
  const looking = await wine(here('node.exe'), ['looks.cjs', database, seen, String(looks)], options);
  await writeFile(here('stop'), '');
  expect(await booting).toMatchObject({ code: 0 });
  expect(looking, looking.stderr).toMatchObject({ code: 0 });

  const booted = await notes('boots.txt');
  const opens = booted.flatMap((line) => {
    const [what, from, to] = line.split(' ');
    return what === 'OPEN' ? [{ from: Number(from), to: Number(to) }] : [];
  });
  const looked = (await notes('looks.txt')).map((line) => {
    const [from = '', to = '', isOpen] = line.split(' ');
    return { from: Number(from), to: Number(to), isOpen: isOpen === 'true' };
  });
  const during = looked.filter((look) => opens.some(({ from, to }) => look.from > from && look.to < to));
  const refused = booted.filter((line) => line.startsWith('REFUSED')).length;
  process.stdout.write(
    `${looked.length} looks, ${booted.length} boots: ${opens.length} open, ${refused} refused; ${during.length} looks at an open one\n`,
  );
  expect(looked).toHaveLength(looks);
  expect(opens.length).toBeGreaterThan(50);
  expect(during.length).toBeGreaterThan(50);
  expect(booted.filter((line) => line.startsWith('READONLY'))).toEqual([]);
  expect(during.filter(({ isOpen }) => !isOpen)).toEqual([]);

  async function firstNote(): Promise<void> {
    while ((await notes('boots.txt')).length === 0) await sleep(100);
  }
});

function refuseEnded({ code, stderr }: WineOutcome): never {
  throw new Error(`Java for Windows ended with ${code}: ${stderr}`);
}
