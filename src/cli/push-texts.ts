import { bytes, count, moment, number } from '../base/phrases.ts';
import { inBoth, type Text } from '../base/text.ts';

/* Flags that do not go together. */

export const capturedNeedsPath: Text = {
  en: '--captured states the time of one backup, so it goes with --source PATH only',
  id: '--captured menyebutkan waktu satu cadangan, jadi hanya dapat dipakai bersama --source PATH',
};
export const nameSource: Text = {
  en: 'Name the zip or folder with --source.',
  id: 'Sebutkan zip atau foldernya dengan --source.',
};
export const certificatesNeedProgram: Text = {
  en: '--with-certificates is about the program folder, so it goes with --whole-app only',
  id: '--with-certificates menyangkut folder program, jadi hanya dapat dipakai bersama --whole-app',
};
export const addWholeApp: Text = {
  en: 'Add --whole-app, or leave it out: no backup of the db holds private keys.',
  id: 'Tambahkan --whole-app, atau hilangkan --with-certificates: cadangan db tidak pernah berisi kunci privat.',
};
export const allWithSource: Text = {
  en: '--all stores every login backup, so it does not go with this --source',
  id: '--all menyimpan semua cadangan saat masuk, jadi tidak dapat dipakai bersama --source ini',
};
export const leaveOutOne: Text = {
  en: 'Leave out --all or --source.',
  id: 'Hilangkan --all atau --source.',
};

/* What was stored. `capturedAt` is RFC 3339, `source` the path of what was read, `size` its bytes. */

interface Pushed {
  readonly capturedAt: string;
  readonly source: string;
  readonly totalBytes: number;
}

export function statePlanned({ capturedAt, source, totalBytes }: Pushed): Text {
  const [when, size] = [moment(capturedAt), bytes(totalBytes)];
  return {
    en: `${size.en} would be read and stored: the state of ${when.en} from ${source}`,
    id: `${size.id} akan dibaca dan disimpan: keadaan ${when.id} dari ${source}`,
  };
}
export function stateStored({ capturedAt, source, totalBytes }: Pushed): Text {
  const [when, size] = [moment(capturedAt), bytes(totalBytes)];
  return {
    en: `Stored the state of ${when.en} (${size.en}) from ${source}`,
    id: `Disimpan: keadaan ${when.id} (${size.id}) dari ${source}`,
  };
}
export function stateUnchanged({ capturedAt, source }: Omit<Pushed, 'totalBytes'>): Text {
  const when = moment(capturedAt);
  return {
    en: `Nothing new since the last backup: the state of ${when.en} from ${source} is stored`,
    id: `Tidak ada yang baru sejak cadangan (backup) terakhir: keadaan ${when.id} dari ${source} sudah tersimpan`,
  };
}
export const allStored: Text = {
  en: 'Nothing new: every login backup is stored already.',
  id: 'Tidak ada yang baru: semua cadangan saat masuk sudah tersimpan.',
};
export const notEncrypted: Text = {
  en: 'Not encrypted: whoever can read the store can read the books. Set EFAKTUR_RECIPIENTS to change that (see "efaktur-cloud keys new").',
  id: 'Tidak terenkripsi: siapa pun yang dapat membaca tempat cadangan dapat membaca data pajak Anda. Atur EFAKTUR_RECIPIENTS agar dienkripsi (lihat "efaktur-cloud keys new").',
};

/* How each store took it. */

const outcomes = {
  created: { en: 'created', id: 'dibuat' },
  unchanged: { en: 'unchanged', id: 'tidak berubah' },
  planned: { en: 'planned', id: 'direncanakan' },
} as const;

/** `id` null where none is known yet, `sentBytes` where nothing was sent, `requests` where nobody asked. */
export interface StoreTaking {
  readonly store: string;
  readonly took:
    | { readonly outcome: keyof typeof outcomes; readonly id: string | null }
    | { readonly error: { readonly message: Text } | undefined };
  readonly sentBytes: number | null;
  readonly requests: number | null;
}
export function storeLine({ store, took, sentBytes, requests }: StoreTaking): Text {
  const [sent, asked] = [
    sentBytes === null ? null : bytes(sentBytes),
    requests === null ? null : count(requests, 'request'),
  ];
  const state =
    'error' in took
      ? { en: `FAILED: ${took.error?.message.en}`, id: `GAGAL: ${took.error?.message.id}` }
      : inBoth((l) => `${outcomes[took.outcome][l]}${took.id === null ? '' : ` ${took.id}`}`);
  const [en, id] = sent ? [`, ${sent.en} sent`, `, ${sent.id} terkirim`] : ['', ''];
  const more = inBoth((l) => (asked ? `, ${asked[l]}` : ''));
  return { en: `  ${store}: ${state.en}${en}${more.en}`, id: `  ${store}: ${state.id}${id}${more.id}` };
}

/* A program folder (push --whole-app). `version`: as people know it; null where none is stated. */

export const programNotWith = (flag: string): Text => ({
  en: `--whole-app stores the program and no database, so it does not go with --${flag}`,
  id: `--whole-app menyimpan program tanpa database, jadi tidak dapat dipakai bersama --${flag}`,
});
export const pushTwice: Text = {
  en: 'Push twice: once with --whole-app, once without it.',
  id: 'Jalankan push dua kali: sekali dengan --whole-app, sekali tanpa itu.',
};
export const keysInClear: Text = {
  en: '--with-certificates stores private keys, and without EFAKTUR_RECIPIENTS nothing is encrypted',
  id: '--with-certificates menyimpan kunci privat, padahal tanpa EFAKTUR_RECIPIENTS tidak ada yang dienkripsi',
};
export const encryptOrLeaveOut: Text = {
  en: 'Set EFAKTUR_RECIPIENTS (see "efaktur-cloud keys new"), or leave the certificates out and keep them yourself.',
  id: 'Atur EFAKTUR_RECIPIENTS (lihat "efaktur-cloud keys new"), atau jangan sertakan sertifikat dan simpan sendiri.',
};

interface PushedFolder {
  readonly version: Text | null;
  readonly files: number;
  readonly totalBytes: number;
  readonly source: string;
}

const eFaktur = (version: Text | null): Text =>
  inBoth((l) => (version ? `e-Faktur ${version[l]}` : 'e-Faktur'));
const sizeOf = ({ files, totalBytes }: PushedFolder): Text => {
  const [all, size] = [count(files, 'file'), bytes(totalBytes)];
  return inBoth((l) => `${all[l]}, ${size[l]}`);
};

export function programPlanned(folder: PushedFolder): Text {
  const [which, size] = [eFaktur(folder.version), sizeOf(folder)];
  return {
    en: `${which.en} in ${folder.source} would be read and stored: ${size.en}`,
    id: `${which.id} di ${folder.source} akan dibaca dan disimpan: ${size.id}`,
  };
}
export function programStored(folder: PushedFolder): Text {
  const [which, size] = [eFaktur(folder.version), sizeOf(folder)];
  return {
    en: `Stored the program folder of ${which.en}: ${size.en} from ${folder.source}`,
    id: `Disimpan: folder program ${which.id}, ${size.id} dari ${folder.source}`,
  };
}
export function programUnchanged(version: Text | null, capturedAt: string): Text {
  const [which, when] = [eFaktur(version), moment(capturedAt)];
  return {
    en: `Nothing new: the program folder of ${which.en} is stored since ${when.en}`,
    id: `Tidak ada yang baru: folder program ${which.id} sudah tersimpan sejak ${when.id}`,
  };
}
export const inIt: Text = { en: 'In it:', id: 'Isinya:' };
export const leftOut: Text = { en: 'Left out:', id: 'Tidak disertakan:' };
/** One of what is in it, by its size. */
export const partLine = (sizeBytes: number, path: string): Text =>
  inBoth((l) => `  ${bytes(sizeBytes)[l]}  ${path}`);
export function othersLine(sizeBytes: number, parts: number): Text {
  const [size, shown] = [bytes(sizeBytes), number(parts)];
  return {
    en: `  ${size.en}  ${shown.en} ${parts === 1 ? 'other' : 'others'}`,
    id: `  ${size.id}  ${shown.id} lainnya`,
  };
}
export const leftOutLine = (path: string, why: Text): Text => inBoth((l) => `  ${path}: ${why[l]}`);
