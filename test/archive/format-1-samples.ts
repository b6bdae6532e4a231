import type { StoredAppFacts } from '../../src/catalog/manifest-parts.ts';
import { noise, sha256 } from './sample-set.ts';

/** What the stored prefix test/fixtures/format-1 holds; scripts/make-fixtures.ts made it of this. */

const t6 = Date.parse('2023-07-06T02:14:58.250Z');
const t8 = Date.parse('2023-07-08T02:29:41.500Z');
const t10 = Date.parse('2023-07-10T03:00:07.125Z');
export const second = 'PT Maju Jaya Abadi Sentosa';

export const keys = {
  '6 July': '2023-07-06/20230706T021500Z-9c1d4e0b7a25',
  '8 July': '2023-07-08/20230708T023000Z-3f9a1c2e77d0',
  '9 July': '2023-07-09/20230709T021000Z-3f9a1c2e77d0',
  '10 July': '2023-07-10/20230710T030100Z-5b0c7d9e1f26',
  /** The full of 8 July once more, with the e-Faktur that it was made with. */
  '11 July': '2023-07-11/20230711T020000Z-3f9a1c2e77d0',
};

/** The same program folder twice. */
export const programKeys = {
  clear: '2023-07-11/20230711T020500Z-a1c2e3f40516',
  encrypted: '2023-07-11/20230711T020600Z-b7d8e9fa0b1c',
};

/** Opens the encrypted sample and nothing else. */
export const sampleKey = 'AGE-SECRET-KEY-1LAV7GV9H5L6TVZ09DGURJS59XYSEXEKYXY6MY2CZJ2FGKUZGLDNQ7YKG9J';

const shared = (seed: number, time: number): [string, Buffer, number][] => [
  ['ETaxInvoice/README_DO_NOT_TOUCH_FILES.txt', Buffer.from('sample\n'), t6],
  ['ETaxInvoice/log/log.ctrl', noise(48, seed), time],
  ['ETaxInvoice/log/log1.dat', noise(900, seed), time],
  ['ETaxInvoice/seg0/c10.dat', Buffer.alloc(1_300_000, 'halaman '), t6],
  ['ETaxInvoice/seg0/c20.dat', Buffer.alloc(0), t6],
];
const properties: [string, Buffer, number] = [
  'ETaxInvoice/service.properties',
  Buffer.from('#C:\\e-Faktur\\db\\ETaxInvoice\nderby.engineType=2\n'),
  t6,
];

interface State {
  readonly files: [string, Buffer, number][];
  readonly emptyFolders: string[];
}

/** The pages of 8 July with two blocks changed, and some more at the end. */
function pagesOf10July(): Buffer {
  const pages = Buffer.alloc(1_307_000, 'halaman ');
  noise(5000, 10).copy(pages, 7 * 4096 + 100);
  return pages;
}

/** That of 10 July is stored as a differential of that of 8 July. */
export const expected: Record<'6 July' | '8 July' | '10 July', State> = {
  '6 July': { files: [...shared(6, t6), properties], emptyFolders: ['ETaxInvoice/tmp'] },
  '8 July': {
    files: [
      ...shared(8, t8),
      ['ETaxInvoice/seg0/c30.dat', Buffer.from('Gerbang Semesta 345000'), t8],
      properties,
      [`${second}/jar/${'Ünïcode '.repeat(20)}.jar`, Buffer.from('x'), t8],
      [`${second}/log/log.ctrl`, noise(48, 5), t8],
      [`${second}/seg0/c10.dat`, noise(600, 4), t8],
      [`${second}/service.properties`, Buffer.from('#\n'), t8],
    ],
    emptyFolders: ['ETaxInvoice/tmp', `${second}/tmp`],
  },
  '10 July': {
    files: [
      ['ETaxInvoice/README_DO_NOT_TOUCH_FILES.txt', Buffer.from('sample\n'), t6],
      ['ETaxInvoice/log/log.ctrl', noise(48, 11), t10],
      ['ETaxInvoice/log/log1.dat', noise(300, 11), t10],
      ['ETaxInvoice/seg0/c10.dat', pagesOf10July(), t10],
      ['ETaxInvoice/seg0/c20.dat', Buffer.from('no longer empty'), t10],
      ['ETaxInvoice/seg0/c40.dat', noise(5000, 12), t10],
      properties,
      [`${second}/log/log.ctrl`, noise(48, 5), t8],
      [`${second}/seg0/c10.dat`, noise(600, 4), t8],
      [`${second}/service.properties`, Buffer.from('#\n'), t8],
    ],
    emptyFolders: ['ETaxInvoice/tmp', `${second}/tmp`],
  },
};

const t0 = Date.parse('2022-04-01T03:15:30.000Z');
const main = noise(3000, 21);
const config = Buffer.from('-Xms64m\r\n-Xmx512m\r\n');

/** The folder that both archives of a program hold. */
export const program: State & { readonly main: Buffer; readonly facts: StoredAppFacts } = {
  main,
  files: [
    ['ETaxInvoice.exe', noise(1200, 20), t0],
    ['ETaxInvoiceMain.exe', main, t0],
    ['ETaxInvoiceMain.exe.config', config, t6],
    ['java/lib/rt.jar', Buffer.alloc(1_100_000, 'kelas '), t0],
    ['laporan/Ünïcode (lama) & baru.jrxml', Buffer.alloc(0), t0],
  ],
  emptyFolders: ['laporan/kosong'],
  facts: {
    programs: [
      { name: 'ETaxInvoice.exe', sha256: sha256(noise(1200, 20)), sizeBytes: 1200 },
      { name: 'ETaxInvoiceMain.exe', sha256: sha256(main), sizeBytes: 3000, version: '3.2.0.0' },
    ],
    memory: ['-Xms64m', '-Xmx512m'],
  },
};
