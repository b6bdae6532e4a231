import { moment } from '../base/phrases.ts';
import { listed, type Text, verbatim } from '../base/text.ts';

/* Where messages go, and what became of a test (notify). `names` are those of profiles on this PC. */

export const inMessages = (number: string, profile: string): Text => ({
  en: `${number} is the profile ${profile}`,
  id: `${number} adalah profil ${profile}`,
});
export const lastSent = (at: string | null): Text =>
  at === null
    ? { en: 'no message yet', id: 'belum ada pesan' }
    : { en: `last message ${moment(at).en}`, id: `pesan terakhir ${moment(at).id}` };
export const eachRun: Text = { en: 'at each run', id: 'pada setiap putaran' };
export const delivered: Text = { en: 'delivered', id: 'terkirim' };
export const testNotDelivered = (service: Text, names: readonly string[], because: Text): Text => {
  const all = listed(names.map(verbatim));
  return {
    en: `no message went to ${service.en} (${all.en}): ${because.en}`,
    id: `pesan tidak terkirim ke ${service.id} (${all.id}): ${because.id}`,
  };
};
export const someNotDelivered: Text = {
  en: 'not every test message was delivered',
  id: 'tidak semua pesan uji terkirim',
};
export const seeReasons: Text = {
  en: 'Each says why, and what to do.',
  id: 'Setiap kegagalan menyebutkan sebabnya dan apa yang harus dilakukan.',
};
export const nobodyIsTold: Text = {
  en: 'no message goes anywhere: neither EFAKTUR_PING_URL nor EFAKTUR_NOTIFY_PRESET or EFAKTUR_NOTIFY_URL is set',
  id: 'tidak ada pesan yang dikirim: EFAKTUR_PING_URL, EFAKTUR_NOTIFY_PRESET, dan EFAKTUR_NOTIFY_URL belum diatur',
};
export const setForAll = (file: string): Text => ({
  en: `Set one of them in a profile, or for all profiles in ${file}.`,
  id: `Atur salah satunya di sebuah profil, atau untuk semua profil di ${file}.`,
});
