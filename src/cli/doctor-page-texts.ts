import { count, duration, moment } from '../base/phrases.ts';
import { type Text, verbatim } from '../base/text.ts';

/* The page of doctor on this PC. */

export const title = (version: string, computer: string, at: string, zone: string): Text => ({
  en: `efaktur-cloud ${version} on ${computer}, ${moment(at).en} (${zone})`,
  id: `efaktur-cloud ${version} di ${computer}, ${moment(at).id} (${zone})`,
});

/** What each line is about. */
export const labels = {
  system: { en: 'system', id: 'sistem' },
  settings: { en: 'settings', id: 'pengaturan' },
  state: { en: 'state folder', id: 'catatan lokal' },
  found: { en: 'found', id: 'ditemukan' },
  schedule: { en: 'schedule', id: 'jadwal' },
  lastRun: { en: 'last run', id: 'putaran terakhir' },
  file: { en: 'settings file', id: 'file pengaturan' },
  app: verbatim('e-Faktur'),
  store: { en: 'store', id: 'tempat cadangan' },
  keys: { en: 'encryption', id: 'enkripsi' },
  worked: { en: 'runs worked', id: 'putaran berhasil' },
  outcome: { en: 'outcome', id: 'hasil' },
  note: { en: 'note', id: 'catatan' },
} as const satisfies Record<string, Text>;

export const profileTitle = (name: string): Text => ({ en: `Profile ${name}`, id: `Profil ${name}` });
export const withoutProfile: Text = { en: 'Settings without a profile', id: 'Pengaturan tanpa profil' };

export const unknownYet = (waitedMs: number): Text => ({
  en: `did not answer within ${seconds(waitedMs).en}`,
  id: `tidak menjawab dalam ${seconds(waitedMs).id}`,
});
export const noneFound: Text = {
  en: 'no e-Faktur folder in the usual places',
  id: 'tidak ada folder e-Faktur di tempat yang biasa',
};
export const changed = (at: string): Text => ({
  en: `newest change ${moment(at).en}`,
  id: `perubahan terbaru ${moment(at).id}`,
});
export const noneSet: Text = { en: 'none', id: 'tidak ada' };
export const never: Text = { en: 'never', id: 'belum pernah' };

/* The schedule. */

export const nextAt = (at: string): Text => ({
  en: `next ${moment(at).en}`,
  id: `berikutnya ${moment(at).id}`,
});
export const lastAt = (at: string): Text => ({
  en: `last ${moment(at).en}`,
  id: `terakhir ${moment(at).id}`,
});

export const ranAt = (startedAt: string, endedAt: string | null, exitCode: number | null): Text => {
  const isDone = endedAt !== null && Date.parse(endedAt) >= Date.parse(startedAt);
  const en = isDone ? `, exit code ${exitCode ?? '?'}` : ', at work or cut off';
  const id = isDone ? `, kode keluar ${exitCode ?? '?'}` : ', sedang berjalan atau terputus';
  return { en: `${moment(startedAt).en}${en}`, id: `${moment(startedAt).id}${id}` };
};

/* A profile. */

export const noneKnown: Text = { en: 'none: see below', id: 'tidak ada: lihat di bawah' };
export const opened = {
  open: { en: 'open', id: 'terbuka' },
  closed: { en: 'closed', id: 'tertutup' },
} as const satisfies Record<string, Text>;
export const version = (of: string): Text => ({ en: `version ${of}`, id: `versi ${of}` });
export const databases = (names: readonly string[]): Text =>
  names.length === 0
    ? { en: 'no database', id: 'tidak ada database' }
    : { en: `databases ${names.join(', ')}`, id: `database ${names.join(', ')}` };
export const loginBackups = (n: number, newestAt: string | null): Text => {
  const number = count(n, 'login backup');
  return newestAt === null
    ? number
    : {
        en: `${number.en}, newest ${moment(newestAt).en}`,
        id: `${number.id}, terbaru ${moment(newestAt).id}`,
      };
};

export const answers = (ms: number): Text => ({
  en: `answers (${seconds(ms).en})`,
  id: `menjawab (${seconds(ms).id})`,
});
export const fails = (code: string): Text => ({
  en: `cannot be used (${code}): see below`,
  id: `tidak dapat dipakai (${code}): lihat di bawah`,
});
export const notThere: Text = { en: 'is not there', id: 'tidak ada' };
export const sentLast = (at: string): Text => ({
  en: `last sent to ${moment(at).en}`,
  id: `terakhir dikirimi ${moment(at).id}`,
});

export const notEncrypted: Text = {
  en: 'off: backups are stored in clear',
  id: 'tidak aktif: cadangan disimpan tanpa enkripsi',
};
export const encryptedTo = (recipients: number): Text => ({
  en: `to ${count(recipients, 'key').en}`,
  id: `untuk ${count(recipients, 'key').id}`,
});
export const identities = {
  file: { en: 'secret key in a file', id: 'kunci rahasia dalam file' },
  gone: { en: 'the file of the secret key is not there', id: 'file kunci rahasia tidak ada' },
  command: { en: 'secret key by a command', id: 'kunci rahasia dari perintah' },
  none: { en: 'no secret key here', id: 'tidak ada kunci rahasia di sini' },
} as const satisfies Record<string, Text>;

/** What worked when. */
export const works = {
  push: verbatim('push'),
  verify: verbatim('verify'),
  prune: verbatim('prune'),
  message: { en: 'message', id: 'pesan' },
} as const satisfies Record<string, Text>;

export const outcomes = {
  ok: { en: 'all is done', id: 'semua selesai' },
  attention: { en: 'stored, and something is wrong', id: 'tersimpan, tetapi ada masalah' },
  failed: { en: 'failed', id: 'gagal' },
} as const satisfies Record<string, Text>;
export const since = (at: string): Text => ({ en: `since ${moment(at).en}`, id: `sejak ${moment(at).id}` });
export const momentOf = moment;

export const isSet: Text = { en: 'set, not shown', id: 'diatur, tidak ditampilkan' };
export const fromEnvironment: Text = { en: 'environment', id: 'variabel lingkungan' };

/* What to do. */

export const whatToDo: Text = { en: 'What to do', id: 'Yang perlu dilakukan' };
export const nothingToDo: Text = { en: 'Nothing to do.', id: 'Tidak ada yang perlu dilakukan.' };
const seconds = (ms: number): Text =>
  ms >= 2_000
    ? duration(ms)
    : { en: `${(ms / 1000).toFixed(1)} s`, id: `${(ms / 1000).toFixed(1).replace('.', ',')} d` };
