import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { maxForeignBytes } from '../../src/efaktur/app-files.ts';
import { treeOf } from './cli.ts';
import { peFile } from './pe-file.ts';

/** The program folder of an e-Faktur in use for years, around the databases that lie there already. */
export interface ProgramFolder {
  /** What must come to a new PC, as `treeOf` has it. */
  readonly kept: Readonly<Record<string, string>>;
  /** What stays behind, and why. */
  readonly leftOut: Readonly<Record<string, string>>;
}

const mib = 1 << 20;
/** In no order, of any bytes: what no compression makes much smaller, and what it does. */
const pieces = [() => randomBytes(mib), () => Buffer.alloc(mib, 'com.sun.java.swing.plaf ')];

const oddNames = [
  'Panduan Pengguna (rev. 3) – é ½.pdf',
  'Berkas  dengan spasi ganda.txt',
  "#100% [x] {y} 'q' & ~.txt",
  '日本語/納税 書類.txt',
  '.tersembunyi/kosong',
  `${'folder-yang-sangat-panjang/'.repeat(8)}${'n'.repeat(120)}.txt`,
];

/** Fills a folder made by `makeEfakturFolder` with real programs, a bundled Java of a size, and what else gathers there. */
export async function fillProgramFolder(app: string, javaMib: number): Promise<ProgramFolder> {
  const put = async (path: string, bytes: string | Buffer): Promise<void> => {
    await mkdir(dirname(join(app, path)), { recursive: true });
    await writeFile(join(app, path), bytes);
  };
  for (const name of ['ETaxInvoice', 'ETaxInvoiceMain', 'ETaxInvoiceUpd'])
    await put(`${name}.exe`, peFile('4.0.0.0', name));
  // The updater came years before.
  await utimes(join(app, 'ETaxInvoiceMain.exe'), new Date('2023-01-01'), new Date('2023-01-01'));
  for (const name of ['java', 'javaw', 'keytool'])
    await put(`java/bin/${name}.exe`, peFile('8.0.2020.8', name));
  for (let i = 0; i * 5 < javaMib; i++) {
    const size = Math.min(5, javaMib - i * 5);
    const piece = pieces[i % 2] ?? pieces[0];
    await put(
      `java/lib/part-${i}.jar`,
      Buffer.concat(Array.from({ length: size }, () => piece?.() ?? Buffer.alloc(0))),
    );
  }
  for (const name of oddNames) await put(name, name.endsWith('kosong') ? '' : `isi dari ${name}\r\n`);
  await mkdir(join(app, 'template', 'kosong'), { recursive: true });
  const kept = Object.entries(await treeOf(app)).filter(([path]) => !/^(db|backup|log)\//.test(path));

  await put('db_lama/ETaxInvoice/service.properties', 'x');
  await put('sertifikat.p12', randomBytes(3000));
  await put('.env', 'EFAKTUR_STORE=x');
  await put('unduhan.tmp', 'x');
  await put('film.mp4', '');
  await truncate(join(app, 'film.mp4'), maxForeignBytes + 1);
  await symlink('lib', join(app, 'pintasan'));
  const leftOut = {
    backup: 'login-backups',
    db: 'database',
    db_lama: 'database',
    'film.mp4': 'large',
    log: 'log',
    pintasan: 'link',
    'sertifikat.p12': 'private-key',
    'unduhan.tmp': 'temporary',
    '.env': 'settings',
  };
  return { kept: Object.fromEntries(kept), leftOut };
}

/** Puts real programs of a version into an e-Faktur folder, and what lies beside them in use. */
export async function placeProgramFiles(folder: string, version: string): Promise<void> {
  for (const name of ['ETaxInvoice', 'ETaxInvoiceMain', 'ETaxInvoiceUpd'])
    await writeFile(join(folder, `${name}.exe`), peFile(version, name));
  for (const path of [
    'java/bin/client',
    'java/lib/ext',
    'laporan bulan "Juli" & é 報告'.replaceAll('"', "'"),
    'kosong/di dalam',
  ])
    await mkdir(join(folder, path), { recursive: true });
  await writeFile(join(folder, 'java/bin/java.exe'), peFile('7.0.79.0', 'java'));
  await writeFile(join(folder, 'java/bin/java'), Buffer.from('\x7fELF and more', 'latin1'));
  await writeFile(join(folder, 'java/lib/ext/dnsns.jar'), Buffer.alloc(1_300_000, 'jar '));
  await writeFile(join(folder, "laporan bulan 'Juli' & é 報告/faktur 07.jasper"), 'a report');
  await writeFile(join(folder, 'leer.txt'), '');
}

/** Another process that holds files open for writing until the test ends, as a running program does. */
export async function holdFilesOpen(...paths: readonly string[]): Promise<ChildProcess> {
  const script = 'for f in "$@"; do eval "exec $((++n + 2))<>\\"\\$f\\""; done; echo held; exec sleep 1000';
  const child = spawn('bash', ['-c', script, 'bash', ...paths], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`holding files open ended with ${code}`)));
  });
  return child;
}
