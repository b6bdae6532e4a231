import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { productFolder, productName, scheduledTask } from '../../src/base/product.ts';

/** What an installer is made of. */
export interface InstallerParts {
  readonly version: string;
  /** Folder with both programs and the icon, as `npm run build:win` leaves them. */
  readonly programs: string;
  /** Where the installer is written. */
  readonly path: string;
  /** `none` is for tests: much larger, and made at once. */
  readonly compression: 'best' | 'none';
  /** Whether the uninstaller in it is signed; see sign.ts for what the environment must name. */
  readonly signed: boolean;
}

const own = import.meta.dirname;

/** In front of the license itself, which is in English and stays so. */
const indonesianPreface = `Ringkasan (yang berlaku adalah naskah berbahasa Inggris di bawahnya):

Program ini gratis. Siapa pun boleh memakai, menyalin, mengubah, dan membagikannya, asal naskah lisensi ini disertakan. Program ini diberikan apa adanya, tanpa jaminan apa pun.

`;

/**
 * Writes the installer, by NSIS. Unless it is signed, the same programs give the same bytes with the same release of NSIS: its own
 * code is in them.
 */
export async function makeInstaller(parts: InstallerParts): Promise<void> {
  const programs = resolve(parts.programs);
  const files = ['efaktur-cloud.exe', 'efaktur-cloudw.exe'].map((name) => join(programs, name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const licenses = await mkdtemp(join(tmpdir(), 'efaktur-cloud-license-'));
  try {
    // Each paragraph as one line: the page that shows them breaks lines by itself.
    const license = (await readFile(join(own, '../../LICENSE'), 'utf8')).replace(/(\S)\n(?=\S)/g, '$1 ');
    const forWindows = (text: string): string => text.replaceAll('\n', '\r\n');
    await writeFile(join(licenses, 'en.txt'), forWindows(license));
    await writeFile(join(licenses, 'id.txt'), forWindows(indonesianPreface + license));
    const defines = {
      VERSION: parts.version,
      VERSION_OF_FOUR: `${parts.version.replace(/[^\d.].*$/, '')}.0`,
      PRODUCT: productName,
      PUBLISHER: 'efaktur-cloud',
      FOLDER: productFolder,
      TASK: scheduledTask,
      PROGRAMS: programs,
      ICON: join(programs, 'efaktur-cloud.ico'),
      LICENSES: licenses,
      SIZE_KB: String(Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 1024)),
      OUT: resolve(parts.path),
      ...(parts.compression === 'none' ? { UNCOMPRESSED: '' } : {}),
      ...(parts.signed ? { SIGN: `"${process.execPath}" "${join(own, 'sign-file.ts')}"` } : {}),
    };
    await makensis([
      ...Object.entries(defines).map(([name, value]) => `-D${name}=${value}`),
      join(own, 'installer', 'installer.nsi'),
    ]);
  } finally {
    await rm(licenses, { recursive: true, force: true });
  }
}

async function makensis(args: readonly string[]): Promise<void> {
  try {
    // A warning can be a text that lacks a language.
    await promisify(execFile)('makensis', ['-V2', '-WX', '-INPUTCHARSET', 'UTF8', ...args], {
      timeout: 1_800_000,
      maxBuffer: 1e8,
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if ('code' in error && error.code === 'ENOENT')
      throw new Error('the installer is made by NSIS, and there is no makensis: apt-get install nsis', {
        cause: error,
      });
    const printed = ['stdout', 'stderr'].map((name) => Reflect.get(error, name)).join('\n');
    throw new Error(`makensis refuses the installer:\n${printed.trim()}`, { cause: error });
  }
}
