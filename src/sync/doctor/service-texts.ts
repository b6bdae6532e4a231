import { joined, type Text } from '../../base/text.ts';
import type { ChecksumForm } from '../../store/manners.ts';
import type { KnownService, Provider, Style } from '../../store/providers.ts';
import type { Tried, TriedChecksum } from './probe.ts';

/* What doctor says of the service behind a bucket: what was known of it, and what was measured. */

/* What is known beforehand. */

export const nobodys = (host: string): Text => ({
  en: `nothing is known of ${host} beforehand: what follows was measured`,
  id: `tidak ada yang diketahui tentang ${host} sebelumnya: semua di bawah ini hasil pengukuran`,
});
const styleNames = {
  path: { en: 'the bucket in the path', id: 'bucket dalam path' },
  virtual: { en: 'the bucket in the host name', id: 'bucket dalam nama host' },
} satisfies Record<Style, Text>;
const believedLocks = {
  objects: { en: 'object lock', id: 'penguncian objek' },
  rules: { en: 'locks by rules of the bucket', id: 'penguncian oleh aturan bucket' },
  none: { en: 'no locks over S3', id: 'tanpa penguncian melalui S3' },
  unknown: { en: 'locks not documented', id: 'penguncian tidak didokumentasikan' },
} satisfies Record<Provider['lock'], Text>;
const believedChecksums = {
  crc32: { en: 'CRC32', id: 'CRC32' },
  md5: { en: 'Content-MD5 and no CRC32', id: 'Content-MD5, tanpa CRC32' },
  unknown: { en: 'checksums not documented', id: 'checksum tidak didokumentasikan' },
} satisfies Record<Provider['checksums'], Text>;
const documented: Text = { en: 'by its documents', id: 'menurut dokumennya' };
const undocumented: Text = { en: 'for which no document was found', id: 'yang dokumennya tidak ditemukan' };
const onlyWord: Text = { en: ' alone', id: ' saja' };
/** What the row says, and how well that is founded. */
export function believed({ provider, endpoint, isDescribed }: KnownService): Text {
  const { name, tested, source, style, otherStyle, lock, checksums } = provider;
  const only = otherStyle === 'refused' ? onlyWord : { en: '', id: '' };
  const one: Text = {
    en: `${styleNames[style].en}${only.en}`,
    id: `${styleNames[style].id}${only.id}`,
  };
  const all = joined([one, believedChecksums[checksums], believedLocks[lock]], ', ');
  const place: Text = isDescribed
    ? { en: ` (${endpoint.place.en})`, id: ` (${endpoint.place.id})` }
    : { en: '', id: '' };
  if (tested) return { en: `${name}${place.en}: ${all.en}`, id: `${name}${place.id}: ${all.id}` };
  const { en, id } = source === null ? undocumented : documented;
  return {
    en: `${name}${place.en}, ${en}: ${all.en}; this program was not tried on it yet`,
    id: `${name}${place.id}, ${id}: ${all.id}; program ini belum pernah dicoba di sana`,
  };
}

/* Where the bucket's name goes. */

export const noNamesBelow = (host: string): Text => ({
  en: `${host} is a number, not a name`,
  id: `${host} berupa angka, bukan nama`,
});
export const otherBucket: Text = {
  en: 'the test object is not there',
  id: 'objek uji tidak ada di sana',
};
const inUseWords: Text = { en: 'in use', id: 'dipakai' };
export function styles(inUse: Style, other: Tried, because: Text | null): Text {
  const used = styleNames[inUse];
  const rest = styleNames[inUse === 'path' ? 'virtual' : 'path'];
  const why: Text = because ? { en: ` (${because.en})`, id: ` (${because.id})` } : { en: '', id: '' };
  const said = {
    works: { en: 'works, too', id: 'juga berfungsi' },
    refused: { en: `does not work${why.en}`, id: `tidak berfungsi${why.id}` },
    unknown: { en: `could not be tried${why.en}`, id: `tidak dapat dicoba${why.id}` },
  } satisfies Record<Tried, Text>;
  return {
    en: `${used.en} works and is ${inUseWords.en}; ${rest.en} ${said[other].en}`,
    id: `${used.id} berfungsi dan ${inUseWords.id}; ${rest.id} ${said[other].id}`,
  };
}
export function styleUnseen(inUse: Style, because: Text | null): Text {
  const why: Text = because ? { en: `: ${because.en}`, id: `: ${because.id}` } : { en: '', id: '' };
  return {
    en: `${styleNames[inUse].en} is ${inUseWords.en}; what works this key cannot see${why.en}`,
    id: `${styleNames[inUse].id} ${inUseWords.id}; cara mana yang berfungsi tidak terlihat dengan kunci akses ini${why.id}`,
  };
}

/* Checksums. */

const formNames = {
  none: { en: 'no checksum but that of the signature', id: 'tanpa checksum selain milik tanda tangan' },
  md5: { en: 'Content-MD5', id: 'Content-MD5' },
  crc32: { en: 'CRC32', id: 'CRC32' },
} satisfies Record<ChecksumForm, Text>;
const triedChecksums = {
  verified: { en: 'is checked', id: 'diperiksa' },
  taken: { en: 'is taken and not checked', id: 'diterima tanpa diperiksa' },
  refused: { en: 'is refused', id: 'ditolak' },
  unknown: { en: 'could not be tried', id: 'tidak dapat dicoba' },
} satisfies Record<TriedChecksum, Text>;
export function checksums(found: {
  crc32: TriedChecksum;
  md5: TriedChecksum;
  inUse: ChecksumForm | null;
  changedIsRefused: boolean | null;
}): Text {
  const { crc32, md5, inUse, changedIsRefused } = found;
  const sent = inUse && formNames[inUse];
  const used: Text = sent
    ? { en: `; ${sent.en} is sent`, id: `; yang dikirim: ${sent.id}` }
    : { en: '', id: '' };
  const changed: Text =
    changedIsRefused === null
      ? { en: '', id: '' }
      : changedIsRefused
        ? {
            en: ', and what changes on its way is refused',
            id: ', dan isi yang berubah di perjalanan ditolak',
          }
        : {
            en: ', and what changes on its way is TAKEN',
            id: ', dan isi yang berubah di perjalanan DITERIMA',
          };
  return {
    en: `CRC32 ${triedChecksums[crc32].en}, Content-MD5 ${triedChecksums[md5].en}${used.en}${changed.en}`,
    id: `CRC32 ${triedChecksums[crc32].id}, Content-MD5 ${triedChecksums[md5].id}${used.id}${changed.id}`,
  };
}
export const changesTaken: Text = {
  en: 'the service does not check what arrives: only "verify --read-data" can tell whether a backup is there as it was sent',
  id: 'layanan tidak memeriksa isi yang tiba: hanya "verify --read-data" yang dapat memastikan cadangan tersimpan seperti yang dikirim',
};

/* Where the table is wrong. */

export const otherStyleTaken = (name: string, style: Style): Text => ({
  en: `${styleNames[style].en} works, though the documents of ${name} say it does not`,
  id: `${styleNames[style].id} dapat dipakai, padahal menurut dokumen ${name} tidak`,
});
export const styleRefused = (name: string, style: Style): Text => ({
  en: `${styleNames[style].en} does not work, though the documents of ${name} say it does`,
  id: `${styleNames[style].id} tidak dapat dipakai, padahal menurut dokumen ${name} dapat`,
});
export const checksumRefused = (name: string, form: 'md5' | 'crc32'): Text => ({
  en: `${formNames[form].en} is refused, though the documents of ${name} name it`,
  id: `${formNames[form].id} ditolak, padahal disebut dalam dokumen ${name}`,
});
export const crc32Taken = (name: string): Text => ({
  en: `CRC32 is checked, though the documents of ${name} say it is refused`,
  id: `CRC32 diperiksa, padahal menurut dokumen ${name} ditolak`,
});
export const lockTaken = (name: string): Text => ({
  en: `objects can be locked, though the documents of ${name} say they cannot`,
  id: `objek dapat dikunci, padahal menurut dokumen ${name} tidak`,
});

/* Uploads in parts. */

export const noParts: Text = {
  en: 'the service takes no uploads in parts',
  id: 'layanan tidak menerima unggahan terbagi',
};
export const partsNeeded = (reason: Text): Text => ({
  en: `${noParts.en}, which every archive above 8 MiB needs: ${reason.en}`,
  id: `${noParts.id}, padahal diperlukan setiap arsip di atas 8 MiB: ${reason.id}`,
});

/* A bucket that answers in the other style alone. */

/** `because`: what came of asking as before. */
export const otherStyleWorks = (style: Style, because: Text): Text => ({
  en: `the service answers with ${styleNames[style].en} alone; asked the other way: ${because.en}`,
  id: `layanan hanya menjawab dengan ${styleNames[style].id}; dengan cara lain: ${because.id}`,
});
export const addStyle = (style: Style): Text => ({
  en: `Write style=${style} into the store address, as in s3://BUCKET/PREFIX?style=${style}.`,
  id: `Tulis style=${style} dalam alamat tempat cadangan, seperti s3://BUCKET/PREFIX?style=${style}.`,
});
