import { duration, moment } from '../base/phrases.ts';
import { inBoth, listed, type Text, verbatim } from '../base/text.ts';
import type { Schedule } from '../schedule/schedule.ts';

/* What `schedule` prints. */

export const whatToDoMissing: Text = {
  en: 'schedule needs to know what to do',
  id: 'schedule perlu tahu apa yang harus dilakukan',
};
export const scheduleActions: Text = {
  en: 'Write: efaktur-cloud schedule install, status or remove.',
  id: 'Tulis: efaktur-cloud schedule install, status atau remove.',
};
export const onlyForInstall = (flag: string): Text => ({
  en: `--${flag} is for \`schedule install\` alone`,
  id: `--${flag} hanya untuk \`schedule install\``,
});
export const leaveFlagOut = (flag: string): Text => ({
  en: `Leave --${flag} out.`,
  id: `Hapus --${flag} dari perintahnya.`,
});
export const notTakenAlong = (flag: string): Text => ({
  en: `a schedule does not take --${flag} along`,
  id: `jadwal tidak memakai --${flag}`,
});
export const putIntoProfile: Text = {
  en: 'Put it into the settings file of a profile: see `efaktur-cloud profiles`.',
  id: 'Tulis di file pengaturan sebuah profil: lihat `efaktur-cloud profiles`.',
};

export const outcomes = {
  installed: { en: 'The schedule is installed.', id: 'Jadwal sudah dipasang.' },
  changed: { en: 'The schedule is changed.', id: 'Jadwal sudah diubah.' },
  unchanged: { en: 'The schedule is as it was.', id: 'Jadwal sudah seperti itu.' },
} as const satisfies Record<string, Text>;
export const noSchedule: Text = {
  en: 'There is no schedule. `efaktur-cloud schedule install` makes one.',
  id: 'Belum ada jadwal. Pasang dengan `efaktur-cloud schedule install`.',
};
export const nothingRemoved: Text = { en: 'There was no schedule.', id: 'Tidak ada jadwal.' };
export const isRemoved = (scheduler: Text, place: string): Text => ({
  en: `The schedule is removed from ${scheduler.en} (${place}).`,
  id: `Jadwal sudah dihapus dari ${scheduler.id} (${place}).`,
});

export const labels = {
  schedule: { en: 'schedule', id: 'jadwal' },
  runs: { en: 'runs', id: 'berjalan' },
  profile: { en: 'profile', id: 'profil' },
  program: verbatim('program'),
  last: { en: 'last run', id: 'terakhir' },
  next: { en: 'next run', id: 'berikutnya' },
} as const satisfies Record<string, Text>;

export const inPlace = (scheduler: Text, place: string): Text =>
  inBoth((language) => `${scheduler[language]} (${place})`);
const everyHour: Text = { en: 'every hour', id: 'setiap jam' };
const atEachLogon: Text = { en: 'at each logon', id: 'setiap Anda masuk ke Windows' };
const atUnknownTimes: Text = {
  en: 'at times that are not those of this program',
  id: 'pada waktu yang bukan buatan program ini',
};
const everyDayAt = (times: readonly string[]): Text => {
  const all = listed(times.map((time) => ({ en: time, id: time.replace(':', '.') })));
  return { en: `every day at ${all.en}`, id: `setiap hari pukul ${all.id}` };
};
export function timesOf(at: Schedule['at'], kind: Schedule['kind']): Text {
  if (at === null) return kind === 'startup' ? atEachLogon : atUnknownTimes;
  return at === 'hourly' ? everyHour : everyDayAt(at);
}
export const allProfiles: Text = { en: 'all', id: 'semua' };
export const notYet: Text = { en: 'not yet', id: 'belum pernah' };
export const unknownProgram: Text = { en: 'not known', id: 'tidak diketahui' };
export const ranAgo = (at: string, agoMs: number): Text => {
  const [when, ago] = [moment(at), duration(agoMs)];
  return { en: `${when.en}, ${ago.en} ago`, id: `${when.id}, ${ago.id} yang lalu` };
};
export const nextAbout = (at: string): Text => {
  const when = moment(at);
  return { en: `about ${when.en}`, id: `sekitar ${when.id}` };
};
