import { inBoth, type Text, verbatim } from '../base/text.ts';

/* What `profiles` and `status --all` say of the profiles of this PC. */

export const headings = {
  name: { en: 'profile', id: 'profil' },
  appFolder: { en: 'e-Faktur folder', id: 'folder e-Faktur' },
  store: { en: 'store', id: 'tempat cadangan' },
  lastRun: { en: 'last run', id: 'terakhir dijalankan' },
  outcome: { en: 'outcome', id: 'hasil' },
  newest: { en: 'newest backup', id: 'cadangan terbaru' },
  age: { en: 'age', id: 'umur' },
  lastVerified: { en: 'last verified', id: 'terakhir diverifikasi' },
  state: { en: 'state', id: 'keadaan' },
} as const satisfies Record<string, Text>;

export const noProfiles = (folder: string): Text => ({
  en: `There are no profiles in ${folder}. "efaktur-cloud init" makes one.`,
  id: `Belum ada profil di ${folder}. "efaktur-cloud init" membuatkannya.`,
});
export const notNamed: Text = verbatim('-');
export const cannotBeRead: Text = { en: 'cannot be read', id: 'tidak dapat dibaca' };
export const outcomes = {
  ok: { en: 'done', id: 'selesai' },
  attention: { en: 'needs attention', id: 'perlu perhatian' },
  failed: { en: 'failed', id: 'gagal' },
} as const satisfies Record<string, Text>;
export const endedWith = (outcome: Text, code: string | null, exitCode: number): Text => ({
  en: `${outcome.en}${code === null ? '' : ` (${code}, exit ${exitCode})`}`,
  id: `${outcome.id}${code === null ? '' : ` (${code}, kode ${exitCode})`}`,
});

export const noProfilesToShow = (folder: string): Text => ({
  en: `there are no profiles in ${folder}`,
  id: `belum ada profil di ${folder}`,
});
export const makeOne: Text = {
  en: 'Run "efaktur-cloud init" to make one; "efaktur-cloud status" alone goes by the environment and other settings files.',
  id: 'Jalankan "efaktur-cloud init" untuk membuatnya; "efaktur-cloud status" saja memakai variabel lingkungan dan file pengaturan lain.',
};
/** Of a run, or a verification. */
export const never: Text = { en: 'never', id: 'belum pernah' };
export const ofProfile = (name: string, what: Text): Text => inBoth((l) => `${name}: ${what[l]}`);

/** The most names that are told. */
const toldNames = 10;
function namesOfSome(names: readonly string[]): Text {
  const told = names.slice(0, toldNames).join(', ');
  const more = names.length - toldNames;
  return inBoth((l) => (more > 0 ? `${told} ${andMore(more)[l]}` : told));
}
const andMore = (more: number): Text => ({ en: `and ${more} more`, id: `dan ${more} lagi` });

export function profilesInNeed(names: readonly string[], of: number): Text {
  const some = namesOfSome(names);
  return {
    en: `${names.length} of ${of} profiles need attention: ${some.en}`,
    id: `${names.length} dari ${of} profil perlu perhatian: ${some.id}`,
  };
}
export const askOne: Text = {
  en: '"efaktur-cloud status --profile NAME" says of one what to do, and -v here of all.',
  id: '"efaktur-cloud status --profile NAMA" menunjukkan apa yang harus dilakukan untuk satu profil, dan -v di sini untuk semuanya.',
};
